"""How a person is taken out of stored documents: their name and words, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from alliance.ids import MemberId
from alliance.privacy import FORMER, REMOVED, Person, mentions, own_words, texts_of, without

ANA = Person(MemberId("m1"), "Ana Ruiz", frozenset({"The supplier does not answer.", "legal"}))


def test_words_go_where_their_author_is_named_and_others_stay() -> None:
    stored = {
        "points": [
            {"author": "m1", "side": "dc", "text": "legal", "blocks": True},
            {"author": "m2", "side": "mc", "text": "legal", "blocks": True},
        ]
    }

    assert without(ANA, stored) == {
        "points": [
            {"author": "m1", "side": "dc", "text": REMOVED, "blocks": True},
            {"author": "m2", "side": "mc", "text": "legal", "blocks": True},
        ]
    }


def test_titles_and_decisions_stay_and_facts_needs_and_reasons_go() -> None:
    stored = {
        "author": "m1",
        "title": "The pilot slips",
        "facts": "It moved.",
        "need": "A date.",
        "state": "being resolved",
        "resolution": {"by": "m1", "decision": "Move the pilot by one week.", "reason": "We can."},
        "history": [{"by": "m1", "what": "said", "text": "Soon.", "more": "Very."}, {"by": None, "text": "x"}],
    }

    assert without(ANA, stored) == {
        "author": "m1",
        "title": "The pilot slips",
        "facts": REMOVED,
        "need": REMOVED,
        "state": "being resolved",
        "resolution": {"by": "m1", "decision": "Move the pilot by one week.", "reason": REMOVED},
        "history": [
            {"by": "m1", "what": "said", "text": REMOVED, "more": REMOVED},
            {"by": None, "text": "x"},
        ],
    }


def test_what_others_quote_goes_too() -> None:
    quoted = {"author": "m2", "facts": "Ana wrote: The supplier does not answer. We agree."}
    evidence = {"evidence": ["DC named the same blocker twice:", "legal"], "subject": "legal"}

    assert without(ANA, quoted) == {"author": "m2", "facts": f"Ana wrote: {REMOVED} We agree."}
    assert without(ANA, evidence) == {
        "evidence": ["DC named the same blocker twice:", REMOVED],
        "subject": "legal",
    }


def test_the_name_goes_as_a_whole_wherever_it_stands() -> None:
    stored = {"title": "Ana Ruiz and the Ana Ruizes", "text": "Diana Ruiz"}

    assert without(ANA, stored) == {"title": f"{FORMER} and the Ana Ruizes", "text": "Diana Ruiz"}


def test_a_name_of_one_word_is_left_in_the_words_of_others() -> None:
    stored = {"author": "m2", "text": "In May we ship."}

    assert without(Person(MemberId("m1"), "May"), stored) == stored


def test_states_that_happen_to_be_what_somebody_wrote_stay() -> None:
    person = Person(MemberId("m1"), "Ana Ruiz", frozenset({"waiting for acknowledgement"}))
    stored = {"author": "m2", "state": "waiting for acknowledgement", "number": 3, "due_at": None}

    assert without(person, stored) == stored


def test_what_a_person_wrote_is_found_by_its_author() -> None:
    stored = {"a": [{"by": "m1", "reason": "Mine."}, {"by": "m2", "reason": "Not mine."}], "author": "m2"}

    assert list(own_words(stored, ANA.id)) == ["Mine."]
    assert set(texts_of({"member_id": "m1", "answers": {"q": "One.", "r": ""}, "ratings": [{"measured": 3}]})) == {
        "One."
    }


def test_mentions_are_names_and_quotes() -> None:
    assert mentions(ANA, ["as Ana Ruiz said"])
    assert mentions(ANA, ["“The supplier does not answer.”"])
    assert not mentions(ANA, ["legal", "Ana"])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(_JSON)
def test_documents_without_the_person_are_left_as_they_are(stored: object) -> None:
    assert without(Person(MemberId("somebody else"), "Ana Ruiz"), stored) == stored


@given(_JSON, st.sampled_from(["author", "by", "member_id"]), st.text(min_size=1))
def test_taking_somebody_out_twice_changes_nothing_more(stored: object, key: str, words: str) -> None:
    person = Person(MemberId("m1"), "Ana Ruiz", frozenset({words}))
    whole = {key: "m1", "text": words, "inner": stored}

    once = without(person, whole)

    assert once == {key: "m1", "text": REMOVED, "inner": without(person, stored)}
    assert list(own_words(once, person.id)) in ([REMOVED], [REMOVED, *own_words(stored, person.id)])
