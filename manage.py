#!/usr/bin/env python
"""Run a management command of the site."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate_site.settings")
    from affiliate_site.command_line import run

    run(sys.argv)
