FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    VAR_DIR=/var/lib/affiliate

WORKDIR /app

# First what changes seldom: a change of our code does not install everything again.
COPY pyproject.toml constraints.txt ./
RUN pip install -c constraints.txt ".[s3]"

COPY . .

# Pictures and collected static files live in the volume; the code is not writable for the site.
RUN useradd --system --uid 10001 --home-dir "$VAR_DIR" --create-home affiliate
USER affiliate
VOLUME /var/lib/affiliate
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

CMD ["sh", "-c", "python manage.py prepare && exec granian affiliate_site.wsgi:application --interface wsgi --host 0.0.0.0 --port 8000 --workers ${WEB_WORKERS:-2} --blocking-threads 19 --respawn-failed-workers --no-ws"]
