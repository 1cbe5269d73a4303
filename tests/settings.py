"""Settings of the test suite: the console's own, with a fast password hasher and nothing outside the temporary folder."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DATA_DIR", str(Path(tempfile.gettempdir()) / "iamconsole-tests"))
os.environ.setdefault("SECRET_KEY", "a key for tests alone, long enough to pass the deployment check: 0123456789")
os.environ.setdefault("ENCRYPTION_KEYS", "q1dYQh0Zxmd1m3pE0xVhX8hYyq3n0b8m0m7j2m1c6nA=")

from iamconsole.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["*"]
WHITENOISE_AUTOREFRESH = True
