"""Importing an account from what `aws iam get-account-authorization-details` prints.

`source` reads the file, `form` checks it against AWS's own shapes, `entries` turns it into values, the modules per noun bring the
database up to them, and `run` goes through all of it in order. What the file says of an entity replaces what is stored of it;
entities that the file does not have are left alone.
"""

from accounts.importing.report import Remark, Report
from accounts.importing.run import import_details
from accounts.importing.source import Source

__all__ = ["Remark", "Report", "Source", "import_details"]
