# One static binary and nothing else, as /stormhooks. The server runs it, and so do the pods
# of topologies: they mount this image, or the binary copies itself into them.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY pkg ./pkg
COPY hooks ./hooks
ARG TARGETOS TARGETARCH VERSION=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /stormhooks ./hooks/stormhooks

FROM scratch
COPY --from=build /stormhooks /stormhooks
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/stormhooks"]
CMD ["serve"]
