"""All settings, in one file. What an operator may set comes from the environment; docs/operations.md lists it."""

from pathlib import Path

from cryptography.fernet import Fernet
from csp.constants import NONE, SELF

from iamconsole import environment as env
from iamconsole.database import database
from iamconsole.keyring import FernetMaker, Maker, read_or_make

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / "data")

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY") or read_or_make(DATA_DIR, "secret_key", Maker())
# Fernet keys for encrypted fields, newest first; the older ones only decrypt until `manage.py rotate_secrets` has run.
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS", "") or read_or_make(DATA_DIR, "encryption_keys", FernetMaker()).split()
for _key in ENCRYPTION_KEYS:
    try:
        Fernet(_key)
    except ValueError:
        env.stop("ENCRYPTION_KEYS must hold Fernet keys (32 bytes, url-safe base64), separated by commas.")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS", "")
BASE_URL = (env.text("BASE_URL", "http://127.0.0.1:8000") or "").rstrip("/")

# The AWS partition of every ARN that this installation issues, and the region its records name.
PARTITION = env.text("PARTITION", "aws") or "aws"
REGION = env.text("REGION", "us-east-1") or "us-east-1"
# How many proxies stand in front and may name the client in X-Forwarded-For; 0 trusts none.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)

# Hosts (with or without a port) that serve nothing but the API; it is also served below /api/ and on the root of every host.
API_HOSTS = [host.lower() for host in env.words("API_HOSTS", "")]
# Requests a second that one principal and one account may make in each worker process; 0 is no limit.
API_PRINCIPAL_RATE = env.integer("API_PRINCIPAL_RATE", 500)
API_ACCOUNT_RATE = env.integer("API_ACCOUNT_RATE", 2000)
# Seconds in which a request's head, and then its body, must have come (iamconsole.worker).
REQUEST_HEAD_SECONDS = env.integer("REQUEST_HEAD_SECONDS", 10)
REQUEST_BODY_SECONDS = env.integer("REQUEST_BODY_SECONDS", 20)
ANSWER_SECONDS = env.integer("ANSWER_SECONDS", 30)  # that may pass in waiting for a client to take an answer

# AWS's quotas may be changed one by one: QUOTAS="UsersQuota=200000,RolesQuota=5000".
QUOTAS = dict(entry.partition("=")[::2] for entry in env.words("QUOTAS", ""))
for _name, _value in QUOTAS.items():
    if not _value.isdecimal():
        env.stop(f"QUOTAS must be a list like UsersQuota=200000, and {_name} has no whole number.")

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_ace",
    "template_partials",
    "operations",
    "pages",
    "policies",
    "audit",
    "accounts",
    "federation",
    "access",
    "governance",
    "api",
    "iamconsole",
]
MIDDLEWARE = [
    "api.door.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "iamconsole.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "iamconsole.middleware.OncePerPage",
    "iamconsole.middleware.CallerMiddleware",
    "pages.middleware.ReaderZone",
    "pages.middleware.WholeForms",
    "pages.middleware.WithoutNul",
    "pages.middleware.Commands",
    "pages.middleware.ErrorPages",
]
ROOT_URLCONF = "iamconsole.urls"
WSGI_APPLICATION = "iamconsole.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "pages.context.shell",
            ],
            "builtins": [
                "pages.templatetags.components",
                "django.templatetags.i18n",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "pages.forms.ConsoleFormRenderer"

DATABASES = {"default": database(env.text("DATABASE_URL"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# A sorted file of SHA-1 hashes, for accounts that refuse passwords known from breaches; nothing is asked over the network.
BREACHED_PASSWORDS_FILE = env.text("BREACHED_PASSWORDS_FILE")
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "iamconsole_session"
SESSION_COOKIE_AGE = 12 * 3600  # AWS: a console session lasts up to 12 hours
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "pages.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if BASE_URL.startswith("https://") else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS redirects; the API must not answer POST with a redirect
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # asks for that redirect
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = [
    "accounts.importing.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "iamconsole.static_files.ManifestStorage"
    },
}
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "iam-console@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
