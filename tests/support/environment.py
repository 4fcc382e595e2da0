"""Loaded by pytest before Django's settings: each test process has a data directory of its own."""

import atexit
import os
import shutil
import tempfile

os.environ["FLUENZR_VAR"] = tempfile.mkdtemp(prefix="fluenzr-tests-")
os.environ.pop("FLUENZR_PUBLIC_URL", None)
atexit.register(shutil.rmtree, os.environ["FLUENZR_VAR"], ignore_errors=True)
