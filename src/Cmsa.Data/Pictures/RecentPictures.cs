using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Pictures;

/// <summary>
/// The pictures that were read last: several expressions of one picture decode it once. Any thread may ask.
/// </summary>
/// <param name="Bytes">How many bytes of pixels are kept, at most; the last picture is always kept.</param>
internal sealed class RecentPictures(long Bytes = 64 << 20)
{
    private readonly LinkedList<(string Name, Lazy<Either<Error, Picture>> Picture)> recent = [];
    private readonly Lock gate = new();

    /// <summary>The picture of a name: the one that was read, or read now. What cannot be read is not kept.</summary>
    /// <param name="name">Tells pictures apart: the path, and how it was asked for.</param>
    /// <param name="read">Reads the picture.</param>
    public Either<Error, Picture> Read(string name, Func<Either<Error, Picture>> read)
    {
        Lazy<Either<Error, Picture>> found;
        lock (gate)
        {
            var node = recent.First;
            while (node is not null && node.Value.Name != name)
                node = node.Next;
            if (node is null)
                node = new((name, new(read)));
            else
                recent.Remove(node);
            recent.AddFirst(node);
            found = node.Value.Picture;
        }
        // A second thread that asks for the picture waits for the first.
        var picture = found.Value;
        lock (gate)
            Forget(name, picture.IsLeft);
        return picture;
    }

    private void Forget(string name, bool isUnread)
    {
        var kept = 0L;
        var node = recent.First;
        while (node is not null)
        {
            var next = node.Next;
            var size = Size(node.Value.Picture);
            if ((isUnread && node.Value.Name == name) || (kept > 0 && kept + size > Bytes))
                recent.Remove(node);
            else
                kept += size;
            node = next;
        }
    }

    private static long Size(Lazy<Either<Error, Picture>> picture) =>
        picture.IsValueCreated ? picture.Value.Map(p => (long)p.Rgb.Length).IfLeft(0) : 0;
}
