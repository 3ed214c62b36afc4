namespace RolloutController.Hosting.Page;

/// <summary>What browsers are told on every answer: run and load nothing but this page's own files, and show it inside no other page.</summary>
internal static class SecurityHeaders
{
    /// <summary>The policy. Names and messages of a cluster are on the page, so nothing that is not a file of ours may ever run.</summary>
    public const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds them to every answer, errors that begin an answer anew included.</summary>
    public static void Use(WebApplication app) => app.Use(next => context =>
    {
        context.Response.OnStarting(Add, context.Response.Headers);
        return next(context);
    });

    private static Task Add(object state)
    {
        var headers = (IHeaderDictionary)state;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return Task.CompletedTask;
    }
}
