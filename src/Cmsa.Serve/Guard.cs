using Microsoft.AspNetCore.Http;

namespace Cmsa.Serve;

/// <summary>
/// What goes around every request: headers that allow the page's own code alone, no requests from other sites' pages,
/// and one line for what fails.
/// </summary>
/// <param name="local">Whether the server is for this machine alone, and has its names.</param>
/// <param name="complain">Told what fails.</param>
internal sealed class Guard(bool local, Action<string> complain)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const int GivenUp = 499;

    /// <summary>Answers a request by what follows.</summary>
    public async Task Around(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        try
        {
            if (IsForeign(context.Request))
                await Reply.Refuse(context, Foreign).ConfigureAwait(false);
            else
                await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted)
                context.Response.StatusCode = GivenUp;
        }
        catch (BadHttpRequestException wrong)
        {
            await Failed(context, new(wrong.StatusCode, new(wrong.Message.TrimEnd('.'), "request"))).ConfigureAwait(false);
        }
        // Whatever fails while one request is answered, the server goes on.
        catch (Exception bug)
        {
            complain($"{context.Request.Method} failed: {bug}");
            await Failed(context, Bug).ConfigureAwait(false);
        }
    }

    private static Refusal Foreign { get; } =
        Refusal.Foreign(new("the request comes from another site", "request", "open the address that cmsa serve prints"));

    private static Refusal Bug { get; } =
        new(
            StatusCodes.Status500InternalServerError,
            new("the server failed", "server", "its error stream says why; choose the picture again")
        );

    private static Task Failed(HttpContext context, Refusal refusal) =>
        context.Response.HasStarted ? Task.CompletedTask : Reply.Refuse(context, refusal);

    // A page of another site that makes its name mean this machine still sends its own name.
    private bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var isNamed = !local || request.Host.Host is "localhost" or "127.0.0.1" or "[::1]";
        return !isNamed || (origin.Length > 0 && origin != $"{request.Scheme}://{request.Host}");
    }
}
