using RolloutController.Control.Health;

namespace RolloutController.Hosting.Page;

/// <summary>Says how the process behind the page is.</summary>
/// <param name="reports">What tells whether it is ready.</param>
/// <param name="actions">What people may do; null where the page is read-only.</param>
/// <param name="asksForToken">Whether each of it needs a token.</param>
/// <param name="clock">The clock.</param>
internal sealed class PageHost(IReadOnlyList<IHealthReport> reports, IPageActions? actions, bool asksForToken, TimeProvider clock)
{
    /// <summary>The process as it is now.</summary>
    public HostView View() => new(
        PageAssets.Hash,
        BuildVersion.Version,
        BuildVersion.Revision,
        clock.GetUtcNow(),
        [.. reports.SelectMany(report => report.Live().Concat(report.Ready())).Where(check => !check.Ok).Select(check => new MissingView(check.Name, check.Message))],
        actions is not null,
        actions is not null && asksForToken,
        [.. (actions?.Actions ?? []).Select(action => new ActionView(action.Id, action.Label, action.Description, action.IsDangerous))]);
}
