using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace Cmsa.Cli.Tests;

/// <summary>Photographs as phones store them: lying on their side, with a tag that says so.</summary>
internal static class Phone
{
    /// <summary>A JPEG file that a viewer shows with this height and width.</summary>
    public static byte[] Photograph(int height, int width)
    {
        using var image = new Image<Rgb24>(height, width, new Rgb24(200, 40, 40));
        image.Metadata.ExifProfile = new ExifProfile();
        image.Metadata.ExifProfile.SetValue(ExifTag.Orientation, (ushort)6);
        using var file = new MemoryStream();
        image.SaveAsJpeg(file);
        return file.ToArray();
    }
}
