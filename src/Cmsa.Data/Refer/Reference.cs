using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>One region that people spoke of, as <c>refs(SPLIT).p</c> has it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Annotation">The number of its region in <c>instances.json</c>.</param>
/// <param name="Image">The number of its picture in <c>instances.json</c>.</param>
/// <param name="Category">The number of its category in <c>instances.json</c>.</param>
/// <param name="Split">The split it belongs to.</param>
/// <param name="Sentences">What was said of it.</param>
internal sealed record Reference(
    long Id,
    long Annotation,
    long Image,
    long Category,
    string Split,
    Sentence[] Sentences
);

/// <summary>One expression: its number and its text.</summary>
internal readonly record struct Sentence(long Id, string Text);

/// <summary>Reads the references of a REFER data set.</summary>
internal static class References
{
    /// <summary>
    /// All references in the file, in its order; an error that names the file, and the reference where one is
    /// malformed.
    /// </summary>
    public static Either<Error, Reference[]> Read(string path) =>
        from bytes in Files.Bytes(path)
        from value in PickleReader
            .Read(bytes)
            .MapLeft(wrong => new Error(wrong.ToString(), path, "copy the file again from its source"))
        from list in value is PickleValue.List items
            ? Right<Error, Seq<PickleValue>>(items.Items)
            : Left(new Error("holds no list of references", path))
        from references in All(list, path)
        select references;

    private static Either<Error, Reference[]> All(Seq<PickleValue> list, string path)
    {
        var references = new Reference[list.Count];
        for (var i = 0; i < references.Length; i++)
        {
            if (One(list[i]).Case is not Reference reference)
                return Left(
                    new Error(
                        "not a reference with ref_id, ann_id, image_id, category_id, split and sentences",
                        $"{path}, entry {i}"
                    )
                );
            references[i] = reference;
        }
        return references;
    }

    private static Option<Reference> One(PickleValue value) =>
        value is not PickleValue.Dict entry
            ? None
            : from id in Number(entry, "ref_id")
            from annotation in Number(entry, "ann_id")
            from image in Number(entry, "image_id")
            from category in Number(entry, "category_id")
            from split in Text(entry, "split")
            from said in entry.Find("sentences").Bind(s => s is PickleValue.List list ? Some(list.Items) : None)
            from sentences in said.Map(Said).Sequence()
            select new Reference(id, annotation, image, category, string.Intern(split), [.. sentences]);

    private static Option<Sentence> Said(PickleValue value) =>
        value is not PickleValue.Dict entry
            ? None
            : from id in Number(entry, "sent_id")
            from text in Text(entry, "sent")
            select new Sentence(id, text.Trim());

    private static Option<long> Number(PickleValue.Dict entry, string key) =>
        entry
            .Find(key)
            .Bind(v =>
                v is PickleValue.Int number && number.Value >= long.MinValue && number.Value <= long.MaxValue
                    ? Some((long)number.Value)
                    : None
            );

    private static Option<string> Text(PickleValue.Dict entry, string key) =>
        entry.Find(key).Bind(v => v is PickleValue.Text text ? Some(text.Value) : None);
}
