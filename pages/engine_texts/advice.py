"""What the checks of ValidatePolicy say that is no error: warnings and suggestions."""

from typing import Final

from django.utils.translation import gettext_noop as _

ADVICE: Final = (
    _(
        "This allows iam:CreateServiceLinkedRole for services you may not mean (NotAction with NotResource); "
        "name the role ARNs."
    ),
    _("This allows iam:CreateServiceLinkedRole for services you may not mean (NotResource); name the role ARNs."),
    _(
        "This allows iam:CreateServiceLinkedRole for services you may not mean (wildcard action with "
        "NotResource); name the role ARNs."
    ),
    _(
        "This allows iam:CreateServiceLinkedRole for services you may not mean (wildcards in action and "
        "resource); name the role ARNs."
    ),
    _("This allows iam:CreateServiceLinkedRole for services you may not mean (wildcard resource); name the role ARNs."),
    _(
        "This allows iam:CreateServiceLinkedRole for services you may not mean (NotAction with wildcard "
        "resource); name the role ARNs."
    ),
    _("aws:ARN is out of date; use aws:PrincipalArn for the caller or aws:SourceArn for the source."),
    _("{date} counts seconds since 1970, which is easily misread; write YYYY-MM-DD."),
    _("{role_id} is a role's unique id: the role is gone, or write its ARN instead."),
    _("{user_id} is a user's unique id: the user is gone, or write its ARN instead."),
    _('The policy has no Version: it is read by the rules of 2008. Add "2012-10-17".'),
    _("Characters in the policy besides white space: {size}. A managed policy may have {quota}."),
    _("Characters in the policy: {size}. The policy of {resource_type} may have {quota}."),
    _("Characters in the policy besides white space: {size}. A trust policy may have {quota}."),
    _(
        "{key} is absent when a service calls: also ask BoolIfExists aws:PrincipalIsAWSService false, or "
        "services are shut out."
    ),
    _("{key} only exists when a service calls: also ask Bool aws:PrincipalIsAWSService true, or others are shut out."),
    _("Not every service sends {key}: also ask Null aws:SourceAccount false or Null aws:SourceArn false."),
    _("The wildcard in {key} trusts more of GitHub than one repository and branch; name them."),
    _("{key} holds {allowed}; {operator} does not compare that."),
    _("{operator} compares with true or false; {value} is neither."),
    _("{operator} compares with a date such as 2026-01-31T12:00:00Z; {value} is none."),
    _("{operator} compares with a number; {value} is none."),
    _("{operator} compares with base64 text; {value} is none."),
    _("The Sid {sid} stands twice; different ones tell the statements apart."),
    _("Not every service sends {key}; restrict the statement to services that do."),
    _("{operator} takes * and ? as they stand; for a wildcard use {like}."),
    _("Allow with NotPrincipal lets in everybody else, strangers too; use Principal."),
    _("Many actions never carry {key}; with NotAction they are not denied. List the actions instead."),
    _(
        "The listed actions of {services} never carry {key}, so this does not deny them. Move them to a "
        "statement of their own."
    ),
    _("dynamodb:Attributes holds nothing back unless dynamodb:Select is held to SPECIFIC_ATTRIBUTES as well."),
    _("{key} holds one value, and ForAllValues is true when the key is absent; remove ForAllValues."),
    _("ForAnyValue on {key} is content when one audience of many fits; remove it."),
    _("Anybody whom {provider} vouches for may assume the role; add a condition on {keys}."),
    _("Workflows of any GitHub repository may assume the role; add a condition on {key}."),
    _("{key} alone may match more than you mean; add {recommended}."),
    _("This allows iam:PassRole for roles you may not mean (NotAction with NotResource); name the role ARNs."),
    _("This allows iam:PassRole for roles you may not mean (NotResource); name the role ARNs."),
    _("This allows iam:PassRole for roles you may not mean (wildcard action with NotResource); name the role ARNs."),
    _("This allows iam:PassRole for roles you may not mean (wildcards in action and resource); name the role ARNs."),
    _("This allows iam:PassRole for roles you may not mean (wildcard resource); name the role ARNs."),
    _("This allows iam:PassRole for roles you may not mean (NotAction with wildcard resource); name the role ARNs."),
    _(
        "{service} could be made to call by a stranger; add a condition on aws:SourceArn, aws:SourceAccount, "
        "aws:SourceOrgID or aws:SourceOrgPaths."
    ),
    _("A shorter s3:prefix slips past this condition and lists the same objects; allow prefixes instead."),
    _("{key} is an ARN: in {operator} a wildcard runs across its fields. Use {allowed}."),
    _("The caller writes {key} as it pleases; do not decide access on it alone."),
    _("Many actions never carry {key}; with NotAction they are not allowed. List the actions instead."),
    _(
        "The listed actions of {services} never carry {key}, so this does not allow them. Move them to a "
        "statement of their own."
    ),
    _("{key} holds one audience; make sure that {qualifier} is what you mean."),
    _("The list of actions is empty: the statement does nothing."),
    _("{key} has no values to compare with: the condition says nothing useful."),
    _("ForAllValues without values only matches when {key} is absent; write Null {key} true."),
    _("ForAnyValue without values for {key} never matches."),
    _("IfExists without values only matches when {key} is absent; write Null {key} true."),
    _("The list of principals is empty: the statement is for nobody."),
    _("The list of resources is empty: the statement does nothing."),
    _("The Condition is empty; remove it or add one."),
    _("The Principal is empty: the statement is for nobody."),
    _("The Sid is empty; give it a value or remove it."),
    _("{operator} with this value only asks whether {key} is present; write Null {recommended_key} false."),
    _("{operator} with this value only asks whether {key} is absent; write Null {recommended_key} true."),
    _("The bits after the mask are ignored; write {addr}."),
    _("{key} is always the same in the policy of {resource_type}; it decides nothing."),
    _("ForAllValues:Null is always true and ForAnyValue:Null always false; use Null."),
    _("aws:SourceIp holds public addresses only; the private ones here never match. For them use aws:VpcSourceIp."),
    _("aws:SourceIp holds public addresses only; excluding private ones does nothing. For them use aws:VpcSourceIp."),
    _(
        "For {service}, {key} guards less well than aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or "
        "aws:SourceOrgPaths."
    ),
    _("Actions that say nothing new: {count}, such as {action}."),
    _("With {operator} only the {extreme} value of {key} matters."),
    _("With this wildcard {operator} on {key} is always true; remove the key."),
    _("The session {principal} is already let in by its role {role}; remove one of them."),
    _("Resources that others cover: {count}, such as {resource}."),
    _("This statement says what statement {other} says; remove one of them."),
    _("With this wildcard {operator} on {key} is never true, so the statement does nothing."),
    _("Write the service name {service} in full; a wildcard there may reach other services, or none."),
)
