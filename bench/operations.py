"""The cost of an operation through the gate, at 10, 1,000 and 100,000 users."""

from bench.measure import measure, table
from bench.population import admin_caller, grow_users, prepare_database

SIZES = (10, 1_000, 100_000)


def run() -> None:
    prepare_database()
    from accounts.operations.attachments import attach_user_policy
    from accounts.operations.users import create_user, get_user, list_users
    from operations.paging import encode
    from policies.operations.managed_policies import create_policy

    rows = []
    policy = None
    for size in SIZES:
        grow_users(size)
        caller = admin_caller()
        if policy is None:
            document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
            policy = create_policy(caller, policy_name="bench", policy_document=document)["Policy"]["Arn"]
        deep = encode(f"user{size // 2:06}")
        calls = {
            "CreateUser": lambda n, size=size, caller=caller: create_user(caller, user_name=f"new{size}-{n}"),
            "GetUser": lambda n, caller=caller: get_user(caller, user_name="user000005"),
            "AttachUserPolicy": lambda n, caller=caller, policy=policy: attach_user_policy(
                caller, user_name="user000005", policy_arn=policy
            ),
            "ListUsers, first page": lambda n, caller=caller: list_users(caller, max_items=100),
            "ListUsers, deep page": lambda n, caller=caller, deep=deep: list_users(caller, max_items=100, marker=deep),
        }
        for name, call in calls.items():
            figure = measure(call)
            rows.append(
                (name, f"{size:,}", figure.median_ms, figure.p95_ms, f"{1000 / figure.median_ms:,.0f}", figure.queries)
            )
    table(("operation", "users", "median ms", "p95 ms", "per second", "queries"), sorted(rows, key=lambda row: row[0]))
