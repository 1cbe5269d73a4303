"""What containing a user ends of temporary credentials: those that are the user's, and those of roles that the user has assumed."""

from django.db.models import Q

from accounts.models import User
from accounts.operations.contain import also_ends
from federation.models import IssuedSession
from operations.clock import now


@also_ends
def end_temporary_credentials(user: User) -> int:
    """Revoke every living session of GetSessionToken, GetFederationToken and AssumeRole behind which the user stands; how many."""
    moment = now()
    own = Q(account_id=user.account_id, subject=user.unique_id)
    living = IssuedSession.objects.filter(own | Q(source_arn=user.arn), revoked_at=None, expires_at__gt=moment)
    return living.update(revoked_at=moment)
