import pytest

# What they compare is shown where it differs, as in a module of tests.
for module in ("acting", "checks", "dovecot", "server", "stage"):
    pytest.register_assert_rewrite(f"{__name__}.{module}")
