# Which images to build with and on is the builder's choice, by whatever registry or mirror it has:
#   docker build --build-arg SDK_IMAGE=... --build-arg RUNTIME_IMAGE=... -t rollout-controller:0.1.0 .
ARG SDK_IMAGE=dotnet/sdk:10.0
ARG RUNTIME_IMAGE=dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
WORKDIR /source
COPY .editorconfig Directory.Build.props Directory.Packages.props ./
COPY src/RolloutController/RolloutController.csproj src/RolloutController/packages.lock.json src/RolloutController/
RUN dotnet restore src/RolloutController --locked-mode
COPY crds crds
COPY deploy deploy
COPY src/RolloutController src/RolloutController
RUN dotnet publish src/RolloutController -c Release --no-restore -p:UseAppHost=false -o /app

FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /app .
# A number, so that runAsNonRoot can be checked; deploy/deployment.yaml names the same.
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["dotnet", "RolloutController.dll"]
CMD ["run"]
