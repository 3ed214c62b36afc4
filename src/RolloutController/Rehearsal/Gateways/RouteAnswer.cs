namespace RolloutController.Rehearsal.Gateways;

/// <summary>What a gateway says to a generation of a route.</summary>
public enum RouteAnswer
{
    /// <summary>It takes it up. A Service that is not there is told as <c>BackendNotFound</c>.</summary>
    Accept,

    /// <summary>It refuses it as <c>NotAllowedByListeners</c>, and serves on what it took up before.</summary>
    Refuse,

    /// <summary>It says nothing, and serves on what it took up before.</summary>
    Ignore,
}
