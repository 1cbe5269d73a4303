"""The subcommands of `python -m engine` that read documents: check, summary, fmt."""
