"""Which kinds of documents have sentences, and who says them: `register` is for packages that know more than this one."""

from collections.abc import Callable

from operations.caller import Caller
from policies.words.statements import SentencesOf, sentences_of

Say = Callable[[Caller, str], SentencesOf | None]
_KINDS: dict[str, Say] = {
    kind: lambda _caller, text: sentences_of(text) for kind in ("identity", "boundary", "session")
}


def register(kind: str) -> Callable[[Say], Say]:
    """Say the documents of a kind of the editor with the function below."""

    def remember(say: Say) -> Say:
        _KINDS[kind] = say
        return say

    return remember


def has_sentences(kind: str) -> bool:
    """Whether documents of the kind are said in sentences."""
    return kind in _KINDS


def said(kind: str, caller: Caller, text: str) -> SentencesOf | None:
    """The sentences of a document; None for one that cannot be read, and of a kind that has none."""
    say = _KINDS.get(kind)
    return say(caller, text) if say else None
