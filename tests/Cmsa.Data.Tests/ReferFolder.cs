using LanguageExt;

namespace Cmsa.Data.Tests;

/// <summary>
/// A data set of one's own in REFER's layout: two pictures, three references, five expressions; each part can be
/// replaced by a broken one.
/// </summary>
internal sealed record ReferFolder
{
    public string Instances { get; init; } =
        """
            {"info": {"images": [{"id": 7}]}, "images": [
              {"id": 1, "file_name": "one.jpg", "height": 20, "width": 30},
              {"id": 2, "file_name": "two.png", "height": 10, "width": 12},
              {"id": 3, "file_name": "unwanted.jpg"}],
             "annotations": [
              {"id": 11, "image_id": 1, "segmentation": [[0, 0, 10, 0, 10, 5, 0, 5], [20, 10, 30, 10, 30, 20, 20, 20]]},
              {"id": 12, "image_id": 1, "segmentation": {"size": [20, 30], "counts": [20, 40, 540]}},
              {"id": 13, "image_id": 2, "segmentation": {"size": [10, 12], "counts": ";460000000000000m0"}},
              {"id": 14, "segmentation": "unwanted"}],
             "categories": [{"id": 5, "name": "car", "supercategory": "street"}]}
            """;

    public string Refs { get; init; } =
        "(lp0\n"
        + Ref(1, 11, 1, "train", "the car", "left car.")
        + "a"
        + Ref(2, 12, 1, "val", "right")
        + "a"
        + Ref(3, 13, 2, "testA", "the right car", "car")
        + "a.";

    public string? Vocabulary { get; init; }

    public byte[] One { get; init; } = PicturesTests.Jpeg(PicturesTests.Slope(20, 30));

    public byte[] Two { get; init; } = PictureFile.Png(PicturesTests.Slope(10, 12));

    public string[] Without { get; init; } = [];

    public static string Ref(int id, int annotation, int image, string split, params string[] sentences) =>
        $"(dS'ref_id'\nI{id}\nsS'ann_id'\nI{annotation}\nsS'image_id'\nL{image}L\nsS'category_id'\nI5\ns"
        + $"S'split'\nS'{split}'\nsS'sentences'\n(l"
        + string.Concat(sentences.Select((s, i) => $"(dS'sent_id'\nI{10 * id + i}\nsS'sent'\nV{s}\nsa"))
        + "s";

    public T Open<T>(Func<Either<Error, ReferDataset>, T> look)
    {
        using var folder = new Folder();
        Write("toy/instances.json", System.Text.Encoding.UTF8.GetBytes(Instances));
        Write("toy/refs(me).p", System.Text.Encoding.Latin1.GetBytes(Refs));
        Write("images/mscoco/images/train2014/one.jpg", One);
        Write("images/mscoco/images/train2014/two.png", Two);
        if (Vocabulary is not null)
            Write("toy/vocabulary.txt", System.Text.Encoding.UTF8.GetBytes(Vocabulary));
        return look(ReferDataset.Open(folder.Path, "toy", "me"));

        void Write(string name, byte[] bytes)
        {
            if (!Without.Contains(name))
                folder.Write(name, bytes);
        }
    }
}
