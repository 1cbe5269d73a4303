"""The WSGI entry point that gunicorn serves: the API's door, and behind it the console."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iamconsole.settings")
console = get_wsgi_application()

from api.door import Door  # noqa: E402 - Django is set up by now

application = Door(console)
