# One image for the web server, the worker, the clock and the migrations: only the command differs.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/uv.txt requirements/run.txt requirements/
# Every downloaded file is checked against its locked hash; byte code is made here, since the site cannot write.
RUN python -m pip install --no-cache-dir --require-hashes --requirement requirements/uv.txt \
 && python -m venv --without-pip /venv \
 && uv pip install --python /venv/bin/python --no-cache --compile-bytecode --require-hashes \
      --requirement requirements/run.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    STATIC_ROOT=/app/collected \
    MEDIA_ROOT=/data
RUN groupadd --system --gid 10001 app \
 && useradd --system --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app \
 && install --directory --owner app --group app /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# The key is drawn for this one command and is not kept. The code stays root's: the site cannot change itself.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q .

USER 10001:10001
VOLUME /data
EXPOSE 8000
# The site answers only to its own names, so the question carries one.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].strip().lstrip('.'); web.urlopen(web.Request('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', headers={'Host': host}), timeout=4)"]
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port ${PORT:-8000} --workers ${WEB_WORKERS:-2} --blocking-threads ${WEB_THREADS:-8} --respawn-failed-workers --workers-kill-timeout 30 config.wsgi:application"]
