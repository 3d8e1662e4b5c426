using LanguageExt;

namespace Cmsa.Serve;

/// <summary>A built-in scene of the gallery.</summary>
/// <param name="Expression">An expression that names one part of it.</param>
/// <param name="Png">The picture's file.</param>
internal sealed record GalleryScene(string Expression, byte[] Png);

/// <summary>Built-in scenes to begin with, drawn anew at each start: the same ones each time.</summary>
internal static class Gallery
{
    private const int Count = 8,
        Side = 192;

    /// <summary>The scenes.</summary>
    public static Many<GalleryScene> Scenes()
    {
        var data = SceneDataset.Of(SceneFlavour.Unc, size: Side);
        return
        [
            .. Enumerable
                .Range(0, Count)
                .SelectMany(i => data.Read("val", i).ToSeq())
                .Select(sample => new GalleryScene(sample.Expression, PictureFile.Png(sample.Picture))),
        ];
    }
}
