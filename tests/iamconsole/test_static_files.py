"""Modules as production serves them: each under one name, whoever asks for it."""

import re
from pathlib import Path

from django.contrib.staticfiles.finders import FileSystemFinder

from iamconsole.static_files import ManifestStorage
from pages.context import MODULES

IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\./[^"']+)["']""")


def test_each_module_has_one_name_for_scripts_and_imports(tmp_path):
    storage = ManifestStorage(location=tmp_path, base_url="/static/")
    found = {path: (source, path) for path, source in FileSystemFinder().list([]) if path.startswith("js/")}
    for path, (source, _path) in found.items():
        storage.save(path, source.open(path))
    for _name, _hashed, processed in storage.post_process(found):
        assert not isinstance(processed, Exception), processed
    scripts = {storage.stored_name(name) for name in MODULES}
    imported = {
        f"js/{name.removeprefix('./')}"
        for path in found
        for name in IMPORTED.findall((Path(tmp_path) / storage.stored_name(path)).read_text())
    }
    assert imported
    assert imported <= {storage.stored_name(path) for path in found}
    unhashed = set(MODULES) & imported
    assert not unhashed
    assert {name for name in imported if re.sub(r"\.[0-9a-f]{12}\.", ".", name) in MODULES} <= scripts
