FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 FLUENZR_VAR=/data
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock && useradd --create-home fluenzr \
    && mkdir /data && chown fluenzr /data
COPY . .
USER fluenzr
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
