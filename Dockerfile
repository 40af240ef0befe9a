# The gateway and the sample warehouse, one binary. glibc, because the SQL parser
# is C, and because character classes are glibc's.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=1 go build -trimpath -ldflags=-s -o /odatagres ./cmd/odatagres

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/odatagres --create-home odatagres \
    && chmod 0700 /var/lib/odatagres
COPY --from=build /odatagres /usr/local/bin/odatagres
USER 10001
WORKDIR /var/lib/odatagres
VOLUME /var/lib/odatagres
# The gateway's port, and the sample warehouse's.
EXPOSE 5433 8080
# Healthy is what accepts connections on PORT. Whether the services behind it
# answer is another question: `odatagres check` asks it.
ENV PORT=5433
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT"]
ENTRYPOINT ["odatagres"]
CMD ["serve", "--config", "/etc/odatagres/odatagres.yaml"]
