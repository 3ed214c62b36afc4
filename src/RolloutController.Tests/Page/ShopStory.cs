using RolloutController.Tests.Hosting.Page;

namespace RolloutController.Tests.Page;

/// <summary>Rollouts as they go, minutes in milliseconds.</summary>
/// <param name="stage">The cluster.</param>
/// <param name="clock">The controller's clock.</param>
internal sealed class ShopStory(PageStage stage, LeapingTimeProvider clock)
{
    private Shop Shop => new(clock.GetUtcNow());

    /// <summary>The old version serves.</summary>
    public async Task RestAsync()
    {
        await stage.RolloutAsync(Shop.Healthy());
        stage.Revision(Shop.Key, Shop.Old, 7, "registry.example/store/shop:1.4.2", 10, 10);
    }

    /// <summary>A new version passes the first step and is judged at the second.</summary>
    public async Task UpToTheSecondStepAsync()
    {
        await RestAsync();
        await stage.RolloutAsync(Shop.Raising(0));
        stage.Revision(Shop.Key, Shop.New, 8, "registry.example/store/shop:1.5.0", 1, 1);
        clock.Leap(TimeSpan.FromSeconds(8));
        foreach (var (requests, errors) in new[] { (60, 0), (130, 0), (205, 1), (290, 1) })
            await LookAsync(0, requests, errors);
        await stage.RolloutAsync(Shop.Raising(1));
        stage.Revision(Shop.Key, Shop.New, 8, "registry.example/store/shop:1.5.0", 3, 3);
        clock.Leap(TimeSpan.FromSeconds(12));
        foreach (var (requests, errors) in new[] { (310, 0), (690, 2), (1120, 3) })
            await LookAsync(1, requests, errors);
    }

    /// <summary>The new version passes the second step, and a person is waited for.</summary>
    public async Task UpToThePersonAsync()
    {
        await UpToTheSecondStepAsync();
        await stage.RolloutAsync(Shop.Raising(2));
        stage.Revision(Shop.Key, Shop.New, 8, "registry.example/store/shop:1.5.0", 5, 5);
        clock.Leap(TimeSpan.FromSeconds(20));
        foreach (var (requests, errors) in new[] { (1900, 0), (4100, 1), (6600, 2) })
            await LookAsync(2, requests, errors);
        await stage.RolloutAsync(Shop.Waiting());
    }

    /// <summary>The new version fails at the second step and is taken back.</summary>
    public async Task FailureAsync()
    {
        await UpToTheSecondStepAsync();
        clock.Leap(TimeSpan.FromSeconds(15));
        await stage.RolloutAsync(Shop.Judging(1, 1380, 95));
        await stage.RolloutAsync(Shop.RollingBack());
        clock.Leap(TimeSpan.FromSeconds(6));
        await stage.RolloutAsync(Shop.RolledBack());
        stage.Revision(Shop.Key, Shop.New, 8, "registry.example/store/shop:1.5.0", 0, 0);
    }

    private async Task LookAsync(int step, long requests, long errors)
    {
        await stage.RolloutAsync(Shop.Judging(step, requests, errors));
        clock.Leap(TimeSpan.FromSeconds(15));
    }
}
