using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Judges Leases and PodDisruptionBudgets.</summary>
internal static class LeaseRules
{
    /// <summary>Judges a Lease.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject spec)
    {
        if (spec.Number("leaseDurationSeconds") is <= 0)
            yield return FieldProblems.Invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0");
        if (spec.Number("leaseTransitions") is < 0)
            yield return FieldProblems.Invalid("spec.leaseTransitions", spec["leaseTransitions"], "must to greater or equal than 0");
    }

    /// <summary>Judges a PodDisruptionBudget.</summary>
    public static IEnumerable<FieldProblem> CheckBudget(JsonObject spec)
    {
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
            yield return FieldProblems.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
    }
}
