using LanguageExt;
using Microsoft.AspNetCore.Http;

namespace Cmsa.Serve;

/// <summary>
/// Where pictures come in: so many at once are read, one at a time is decoded and bound to the model, and what is more
/// is refused.
/// </summary>
internal sealed class PictureQueue(Limits limits) : IDisposable
{
    private const string Where = "picture";

    private readonly SemaphoreSlim places = new(limits.Queue, limits.Queue);
    private readonly SemaphoreSlim decoder = new(1, 1);

    /// <summary>Reads and decodes a request's picture, and makes something of it.</summary>
    public async Task<Either<Refusal, T>> Take<T>(
        HttpRequest request,
        Func<Picture, T> use,
        CancellationToken givenUp
    )
    {
        if (!await places.WaitAsync(0, givenUp).ConfigureAwait(false))
            return Refusal.Busy(
                new($"{limits.Queue} pictures are being read already", Where, "try again in some seconds")
            );
        try
        {
            var file = await Read(request, givenUp).ConfigureAwait(false);
            return await file.MatchAsync(
                    RightAsync: bytes => Decoded(bytes, use, givenUp),
                    Left: refusal => (Either<Refusal, T>)refusal
                )
                .ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        places.Dispose();
        decoder.Dispose();
    }

    private async Task<Either<Refusal, byte[]>> Read(HttpRequest request, CancellationToken givenUp)
    {
        if (request.ContentLength > limits.Bytes)
            return TooLarge;
        using var file = new MemoryStream();
        var part = new byte[1 << 16];
        int count;
        while ((count = await request.Body.ReadAsync(part, givenUp).ConfigureAwait(false)) > 0)
        {
            if (file.Length + count > limits.Bytes)
                return TooLarge;
            file.Write(part, 0, count);
        }
        return file.Length == 0
            ? Refusal.Bad(new("no picture came with the request", Where, "choose a JPEG or PNG file"))
            : file.ToArray();
    }

    private async Task<Either<Refusal, T>> Decoded<T>(byte[] file, Func<Picture, T> use, CancellationToken givenUp)
    {
        await decoder.WaitAsync(givenUp).ConfigureAwait(false);
        try
        {
            return await Task.Run(
                    () => PictureFile.Decode(file, Where, limits.Pixels).Map(use).MapLeft(RefusalOf),
                    givenUp
                )
                .ConfigureAwait(false);
        }
        finally
        {
            decoder.Release();
        }
    }

    private Refusal TooLarge =>
        Refusal.TooLarge(
            new($"the file has more than {limits.Bytes:#,0} bytes", Where, "scale the picture down, or save it as JPEG")
        );

    private static Refusal RefusalOf(Error error) =>
        PictureFile.IsTooLarge(error) ? Refusal.TooLarge(error) : Refusal.NoPicture(error);
}
