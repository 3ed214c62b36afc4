using System.Net;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Clusters;

/// <summary>Why a cluster could not be asked, for people.</summary>
internal static class ClusterTrouble
{
    /// <summary>What a failure to ask a cluster says, and what to do about it; null where it is something else.</summary>
    public static string? Tell(Exception exception) => exception switch
    {
        KubernetesApiException { IsForeign: true } or KubernetesAnswerException { IsForeign: true } =>
            $"No Kubernetes API answers: {Clause(exception)}. Log in where a login page stands before the cluster, or correct the server of the context in the kubeconfig",
        KubernetesApiException { IsForbidden: true } => $"The cluster refuses it: {Clause(exception)}. Ask for the role edit, or view to look only, in that namespace (deploy/user-roles.yaml)",
        KubernetesApiException { StatusCode: HttpStatusCode.Unauthorized } => $"The cluster does not know you: {Clause(exception)}. Log in again, or choose another --context",
        KubernetesApiException => $"The cluster refuses it: {Clause(exception)}",
        KubernetesAnswerException or InvalidDataException => $"The cluster answers what cannot be understood: {Clause(exception)}. Look whether kubectl gets the same with -o json, and whether the server of the context in the kubeconfig is right",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            $"The connection to the cluster is not secure: {Clause(exception)}. Look at server, certificate-authority-data and tls-server-name of the context's cluster in the kubeconfig",
        HttpRequestException or IOException or TimeoutException => $"The cluster does not answer: {Clause(exception)}. Look whether kubectl get --raw /readyz answers with the same --context",
        KubernetesConfigurationException or KubernetesCredentialException => exception.Message,
        _ => null,
    };

    /// <summary>A message as part of a sentence that goes on.</summary>
    private static string Clause(Exception exception) => exception.Message.TrimEnd('.', ' ');
}
