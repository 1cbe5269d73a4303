"""What is known of the policies and the record already: versions, sizes, and when each policy last decided something.

What the checks find is left to `manage.py check_policies`, which every start runs: they are the release's own. Policies are measured in
batches along their ids; of the record only what stands in a stretch is held, and a place for each policy that decided.
"""

import json
import re

from django.db import migrations
from django.db.models import Count, OuterRef, Subquery

BATCH = 500
AWS = "aws"
HEAD = '"matched":['


def measure(apps, schema_editor):
    policies, versions = apps.get_model("policies", "ManagedPolicy"), apps.get_model("policies", "PolicyVersion")
    in_force = versions.objects.filter(policy=OuterRef("pk"), number=OuterRef("default_version")).values("document")
    rows = policies.objects.order_by("pk").annotate(document=Subquery(in_force))
    batch = list(rows[:BATCH])
    while batch:
        ids = [row.pk for row in batch]
        counted = versions.objects.filter(policy__in=ids).order_by().values_list("policy")
        counts = dict(counted.annotate(number=Count("pk")))
        for row in batch:
            row.document_size = len(re.sub(r"\s+", "", row.document or ""))
            row.version_count = counts.get(row.pk, 0)
        policies.objects.bulk_update(batch, ["document_size", "version_count"])
        batch = list(rows.filter(pk__gt=ids[-1])[:BATCH])


def last_decided(apps, schema_editor):
    newest = {}
    events = apps.get_model("operations", "Event").objects.filter(outcome__in=["allowed", "explicitDeny"]).order_by()
    for account, time, text in events.values_list("account_id", "time", "record").iterator(chunk_size=BATCH):
        start = text.find(HEAD) + len(HEAD) - 1
        if start < len(HEAD):
            continue
        for match in json.loads(text[start : text.index("]", start) + 1]):
            key = account, match["kind"], match["policy"]
            newest[key] = max(time, newest.get(key, time))
    policies = apps.get_model("policies", "ManagedPolicy")
    usage = apps.get_model("policies", "PolicyUsage")
    for (account, kind, name), time in newest.items():
        owners = {"aws-managed": [AWS], "user-managed": [account]}.get(kind, [AWS, account])
        if kind in {"aws-managed", "user-managed", "boundary", "session"}:
            for policy in policies.objects.filter(account_id__in=owners, name_key=name.lower(), created_at__lte=time):
                row, _made = usage.objects.get_or_create(policy=policy, account_id=account)
                if row.last_decided_at is None or row.last_decided_at < time:
                    row.last_decided_at = time
                    row.save(update_fields=["last_decided_at"])


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_facts_and_last_decided"), ("operations", "0007_terms_by_statement")]
    operations = [
        migrations.RunPython(measure, migrations.RunPython.noop),
        migrations.RunPython(last_decided, migrations.RunPython.noop),
    ]
