"""What the simulator's pages are made of: the question that an address holds, who it is about, the answers, and their exports."""
