"""``check`` finds what was changed behind the store's back."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from service.domain import PolicyVersion
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW, save, sent

TAMPERED = {
    "UPDATE revisions SET text = 'Never said that' WHERE comment_id = 'c-4'": "text: revision 1 of 'c-4'",
    "UPDATE revisions SET salt = 'other' WHERE comment_id = 'c-4'": "text: revision 1 of 'c-4'",
    "UPDATE scores SET text_hash = 'other' WHERE comment_id = 'c-4' AND head = 'spoiler'": "scores of another text",
    "DELETE FROM decisions WHERE comment_id = 'c-4'": "without a decision",
    "UPDATE comments SET revision = 2 WHERE id = 'c-4'": "newest revision",
    "UPDATE comments SET state = 'held' WHERE id = 'c-1'": "although their erasure is on record",
    "UPDATE comments SET state = 'erased' WHERE id = 'c-4'": "not on record",
    "UPDATE comments SET author_id = 'u-1' WHERE id = 'c-1'": "still have a text or an author",
    "UPDATE audit SET actor = 'nobody' WHERE number = 2": "audit: row 2 was changed",
    "UPDATE audit SET at = at + 1 WHERE number = 2": "audit: row 2 was changed",
    "DELETE FROM audit WHERE number = 2": "audit: row 2 is missing",
    "UPDATE audit SET comment_id = 'c-9' WHERE number = 1": "audit: row 1 was changed",
    "UPDATE policies SET content = '{}' WHERE version = 3": "policies: version 3 of 'blog' was changed",
    "UPDATE policies SET made_at = made_at + 1 WHERE version = 2": "policies: version 2 of 'blog' was changed",
    "DELETE FROM policies WHERE version = 3": "policies: version 3 of 'blog' is missing",
    "DELETE FROM policies WHERE version = 2": "policies: version 2 of 'blog' is missing",
    "UPDATE alembic_version SET version_num = '0000'": "schema",
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_tampering_is_found(address: str, statement: str) -> None:
    """Before the change nothing is wrong, afterwards this is."""

    async def act(store: Store) -> list[str]:
        for number in range(5):
            await save(store, sent(name=f"c-{number}"))
        for number in range(1, 4):
            await store.erase_comment(("default", f"c-{number}"))
        for version in range(2, 5):
            assert await store.save_policy(PolicyVersion("blog", version, {"of": version}, NOW), "open")
        assert await store.findings() == []
        async with store._database.writing() as connection:
            await connection.execute(text(statement))
        return await store.findings()

    found = with_store(address, act)
    assert [line for line in found if TAMPERED[statement] in line], found
    assert "Never said" not in repr(found)
