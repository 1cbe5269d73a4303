"""What the record says to a change of a policy: the calls that were really made, decided once more with the policy as it would be."""
