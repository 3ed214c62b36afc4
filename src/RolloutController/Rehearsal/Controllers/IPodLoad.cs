using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>How much pods have to do. What a request costs is not known, so it is told in parts of what there was to do at the beginning.</summary>
public interface IPodLoad
{
    /// <summary>The load of a pod: 1 is what pods had on the average when the rehearsal began; null while there is nothing to tell.</summary>
    double? LoadOf(StoredObject pod);
}
