"""The console's components as template tags; docs/ui.md lists them. Every template knows them without `{% load %}`."""

from django import template

from pages import charts, durations, engine_texts, icons, times, typed
from pages.components import blocks, folding, listing, shell, slots, source, state_changes, words
from pages.components import charts as chart_blocks

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(words.status, name="status")
register.simple_tag(words.badge, name="badge")
register.simple_tag(words.copyable, name="copyable")
register.simple_tag(words.moment, name="time")
register.simple_tag(words.entity, takes_context=True)
register.simple_tag(words.action, name="action", takes_context=True)

register.simple_block_tag(slots.slot, name="slot")
register.simple_block_tag(blocks.page_header)
register.simple_tag(blocks.crumbs)
register.simple_tag(blocks.trail, takes_context=True)
register.simple_block_tag(blocks.card)
register.simple_block_tag(blocks.tabs)
register.simple_tag(blocks.tab, takes_context=True)
register.simple_block_tag(blocks.table)
register.simple_block_tag(blocks.key_values)
register.simple_block_tag(blocks.kv)
register.simple_block_tag(blocks.callout)
register.simple_block_tag(blocks.empty_state)
register.simple_block_tag(blocks.dialog)
register.simple_block_tag(blocks.side_panel)
register.simple_block_tag(blocks.steps)
register.simple_tag(blocks.step)
register.simple_tag(blocks.way)
register.simple_block_tag(blocks.menu)
register.simple_block_tag(blocks.disclosure)
register.simple_block_tag(blocks.pills)
register.simple_tag(folding.folded)

register.simple_tag(source.code)
register.simple_tag(source.diff)
register.simple_tag(state_changes.changes)
register.simple_tag(source.cli_command, takes_context=True)
register.simple_tag(source.commands, takes_context=True)

register.simple_tag(charts.meter)
register.simple_tag(charts.sparkline)
register.simple_tag(chart_blocks.bars)
register.simple_tag(chart_blocks.donut)

register.simple_tag(listing.listing, takes_context=True)
register.simple_tag(listing.list_preview, takes_context=True)
register.simple_tag(shell.navigation, takes_context=True)
register.simple_tag(shell.user_menu, takes_context=True)
register.simple_tag(shell.error_summary, takes_context=True)
register.simple_tag(shell.field)
register.simple_tag(shell.refusal, takes_context=True)
register.filter("account_number", shell.account_number)
register.filter("grouped", shell.grouped)
register.filter("short_arn", shell.short_arn)
register.filter("duration", durations.in_words)
register.filter("days_since", times.age_in_days)
register.filter("as_typed", typed.shown)
register.filter("in_words", engine_texts.translated)
register.filter("pretty_json", source.pretty_json)
register.filter("breakable", words.breakable)
register.filter("slashes", words.slashes)
