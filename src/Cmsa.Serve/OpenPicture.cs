using Cmsa.Experiments.Scoring;
using LanguageExt;

namespace Cmsa.Serve;

/// <summary>
/// A picture that a tab has open: what the model computed from it, without its pixels. Questions are answered one at a
/// time.
/// </summary>
internal sealed class OpenPicture : IDisposable
{
    private const int ShownSide = 1024,
        MapSide = 128;

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly BoundPicture masks;
    private readonly Option<BoundPicture> maps;
    private bool closed;

    private OpenPicture(BoundPicture masks, Option<BoundPicture> maps) => (this.masks, this.maps) = (masks, maps);

    /// <summary>Binds the model to a picture.</summary>
    public static OpenPicture Of(ServedModel model, Picture picture) =>
        new(model.ForMasks(picture), model.ForMaps(picture));

    /// <summary>The picture's size.</summary>
    public (int Height, int Width) Size => (masks.Height, masks.Width);

    /// <summary>The size of masks on the page: the longer side has at most 1024 pixels.</summary>
    public (int Height, int Width) Shown => Within(ShownSide);

    /// <summary>The size of the words' maps, which the page enlarges.</summary>
    public (int Height, int Width) MapSize => Within(MapSide);

    /// <summary>The mask of words at a size.</summary>
    public BinaryMask Mask(Many<string> tokens, (int Height, int Width) size) =>
        masks.Mask(tokens, size.Height, size.Width);

    /// <summary>Where each of the words looks.</summary>
    public Many<HeatMap> Maps(Many<string> tokens) =>
        maps.Match(bound => bound.Heat(tokens, MapSize.Height, MapSize.Width), () => []);

    /// <summary>
    /// Answers in turn, away from the thread that serves; a question that is given up while it waits is not answered.
    /// </summary>
    /// <returns>The answer; none where the picture was closed meanwhile.</returns>
    public async Task<Option<T>> Ask<T>(Func<OpenPicture, T> question, CancellationToken givenUp)
    {
        await turn.WaitAsync(givenUp).ConfigureAwait(false);
        try
        {
            if (closed)
                return Option<T>.None;
            return await Task.Run(() => question(this), givenUp).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Frees the picture after the question that is being answered.</summary>
    public async Task Close()
    {
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!closed)
                Free();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close().GetAwaiter().GetResult();

    private void Free()
    {
        closed = true;
        masks.Dispose();
        maps.IfSome(bound => bound.Dispose());
    }

    private (int Height, int Width) Within(int side)
    {
        var (height, width) = Size;
        var scale = Math.Min(1, (double)side / Math.Max(height, width));
        return (Math.Max(1, (int)Math.Round(height * scale)), Math.Max(1, (int)Math.Round(width * scale)));
    }
}
