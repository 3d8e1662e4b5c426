using Microsoft.AspNetCore.Http;

namespace Cmsa.Serve;

/// <summary>A request that is not answered: the status of HTTP, and what the person reads.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Error">What is wrong, where, and what to do.</param>
internal sealed record Refusal(int Status, Error Error)
{
    /// <summary>Something in the request cannot be used.</summary>
    public static Refusal Bad(Error error) => new(StatusCodes.Status400BadRequest, error);

    /// <summary>The request has more than the server takes.</summary>
    public static Refusal TooLarge(Error error) => new(StatusCodes.Status413PayloadTooLarge, error);

    /// <summary>The file is no picture that can be read.</summary>
    public static Refusal NoPicture(Error error) => new(StatusCodes.Status415UnsupportedMediaType, error);

    /// <summary>The server has no room now.</summary>
    public static Refusal Busy(Error error) => new(StatusCodes.Status429TooManyRequests, error);

    /// <summary>There is nothing at the address.</summary>
    public static Refusal Missing(Error error) => new(StatusCodes.Status404NotFound, error);

    /// <summary>The request comes from another site's page.</summary>
    public static Refusal Foreign(Error error) => new(StatusCodes.Status403Forbidden, error);
}
