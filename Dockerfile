# Which images to build with and on is the builder's choice, by whatever registry or mirror it has; each is named by its digest, and without
# one the build is refused. The SDK links machine code, so its image has a C compiler, too (docs/image.md):
#   docker build --build-arg SDK_DIGEST=sha256:... --build-arg RUNTIME_DIGEST=sha256:... -t rollout-controller:0.1.0 .
ARG SDK_IMAGE=dotnet/sdk
ARG SDK_DIGEST
ARG RUNTIME_IMAGE=dotnet/runtime-deps
ARG RUNTIME_DIGEST

FROM ${SDK_IMAGE}@${SDK_DIGEST} AS build
# linux-x64 or linux-arm64: what the images above are for.
ARG RUNTIME_IDENTIFIER=linux-x64
WORKDIR /source
COPY .editorconfig Directory.Build.props Directory.Packages.props ./
COPY .ci/publish .ci/publish
COPY crds crds
COPY deploy deploy
COPY src/RolloutController src/RolloutController
RUN .ci/publish "${RUNTIME_IDENTIFIER}" /app

FROM ${RUNTIME_IMAGE}@${RUNTIME_DIGEST}
COPY --from=build /app /app
ENV DOTNET_EnableDiagnostics=0
# .NET looks there for certificates of the user, and refuses TLS without; there are none.
ENV HOME=/
# A number, so that runAsNonRoot can be checked; deploy/deployment.yaml names the same.
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["/app/RolloutController"]
CMD ["run"]
