namespace RolloutController.Analysis.Metrics;

/// <summary>The tenant whose data is asked for, in stores that keep several apart.</summary>
internal static class Tenant
{
    /// <summary>Says which tenant asks, as Mimir, Cortex and Loki want to know it.</summary>
    public static HttpRequestMessage WithTenant(this HttpRequestMessage request, string? tenant)
    {
        if (tenant is not null)
            request.Headers.Add("X-Scope-OrgID", tenant);
        return request;
    }
}
