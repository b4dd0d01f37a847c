# Apache Flink for a laptop's cluster: the very jars of `npm start -- --engine flink` (local/flink/jars.json), and a Java. `npm run
# build:images` writes its context: this file, the program that fetches and verifies the jars, and their list.
#
# Flink's own image has a later version than those jars, 670 MB, and a start script that writes into its root, which no pod of ours may.
# temurin: image index of 2026-09-09, by docker-library/repo-info (repos/eclipse-temurin/remote/21-jre-noble.md at 11bfd4f), read
# 2026-11-29; the others as in the recipe of all. Nobody here asked the registries.
FROM eclipse-temurin:21-jre-noble@sha256:d35199d74a3b2dff1bfb435d9adde4ef974e74a7d2a4fcb3079063c55926edb5 AS java

# On the builder's own processor: jars have the native parts of all.
FROM --platform=$BUILDPLATFORM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS jars
# `docker build --build-arg MAVEN_REPOSITORY=…` names another repository.
ARG MAVEN_REPOSITORY=
COPY app /app
RUN node /app/main.mjs /app/jars.json /opt/flink/jars

# The C and C++ libraries that Java and RocksDB need; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
COPY --from=java /opt/java/openjdk /opt/java/openjdk
COPY --from=jars /opt/flink/jars /opt/flink/jars
USER 10001:10001
ENTRYPOINT ["/opt/java/openjdk/bin/java"]
CMD ["-version"]
