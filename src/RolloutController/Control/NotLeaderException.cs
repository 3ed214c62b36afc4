namespace RolloutController.Control;

/// <summary>A write was held back, because another replica may be leading by now.</summary>
internal sealed class NotLeaderException() : Exception("the lease may have run out, so nothing is written; another replica may be leading");
