"""A form as Terraform: what its operations leave behind, as resources of the provider hashicorp/aws.

    told([Step("iam", "CreateUser", {"user_name": "alice"})])      # what the panel of a form's commands shows

`hcl` writes values and blocks, `rows` are the sorts of change that an operation makes to a configuration, `table` says which operation
makes which, `snippet` gathers what the operations of one form come to.
"""

from pages.terraform.table import provider, told

__all__ = ["provider", "told"]
