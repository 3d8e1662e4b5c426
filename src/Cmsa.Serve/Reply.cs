using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cmsa.Serve;

/// <summary>Writes answers.</summary>
internal static class Reply
{
    private static readonly JsonSerializerOptions web = new(JsonSerializerDefaults.Web);

    /// <summary>An answer as JSON.</summary>
    public static Task Json<T>(HttpContext context, T answer) =>
        context.Response.WriteAsJsonAsync(answer, web, context.RequestAborted);

    /// <summary>An error as JSON: what is wrong, where, and what to do.</summary>
    public static Task Refuse(HttpContext context, Refusal refusal)
    {
        context.Response.StatusCode = refusal.Status;
        return Json(context, refusal.Error);
    }

    /// <summary>Bytes of a type.</summary>
    public static async Task Bytes(HttpContext context, string type, byte[] bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
