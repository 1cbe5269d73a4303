"""Policy documents in sentences: what a statement says, and under which conditions, in the reader's language.

The sentences say what a document says, exactly; whether one request is allowed is decided by the engine alone.
"""

from policies.words.kinds import has_sentences, register, said
from policies.words.statements import SentencesOf, StatementWords, sentences_of

__all__ = ["SentencesOf", "StatementWords", "has_sentences", "register", "said", "sentences_of"]
