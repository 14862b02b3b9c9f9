# The program is built in one stage and copied into another that has neither pip's cache nor the sources.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/fanarchive
WORKDIR /src
COPY requirements.lock ./
RUN /opt/fanarchive/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY migrations ./migrations
COPY app ./app
RUN /opt/fanarchive/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home fanarchive \
    && install --directory --owner=fanarchive --group=fanarchive /data
COPY --from=build /opt/fanarchive /opt/fanarchive
ENV PATH=/opt/fanarchive/bin:$PATH FANARCHIVE_DATA_DIR=/data PYTHONUNBUFFERED=1
USER fanarchive
VOLUME /data
EXPOSE 8000
# The first start may build an index; the server answers meanwhile.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["fanarchive", "health"]
ENTRYPOINT ["fanarchive"]
CMD ["serve", "--host", "0.0.0.0"]
