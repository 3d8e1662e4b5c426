using System.Text;
using Cmsa.Data.Coco;
using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Refer;

/// <summary>
/// Reads fields of a pickle as what they plainly are: an id may be 1, 1.0 or "1", a list may be a tuple, and
/// the text of Python 2 may be Latin-1.
/// </summary>
internal static class PlainFields
{
    /// <summary>A field of a dictionary, if it is there and not <c>None</c>.</summary>
    public static Option<PickleValue> Field(PickleValue.Dict entry, string key) =>
        entry.Find(key).Filter(value => value is not PickleValue.None);

    /// <summary>A whole number.</summary>
    public static Option<long> Whole(PickleValue value) =>
        value switch
        {
            PickleValue.Int number => number.Value >= long.MinValue && number.Value <= long.MaxValue
                ? Some((long)number.Value)
                : None,
            PickleValue.Float real => JsonFields.Whole(real.Value),
            PickleValue.Text text => JsonFields.Whole(text.Value),
            _ => None,
        };

    /// <summary>A text; the bytes of Python 2 that are not UTF-8 are Latin-1.</summary>
    public static Option<string> Text(PickleValue value) =>
        value switch
        {
            PickleValue.Text text => Some(text.Value),
            PickleValue.Bytes bytes => Some(Encoding.Latin1.GetString(bytes.Value.Span)),
            _ => None,
        };

    /// <summary>The items of a list or a tuple.</summary>
    public static Option<Many<PickleValue>> Items(PickleValue value) =>
        value switch
        {
            PickleValue.List list => Some(list.Items.ToMany()),
            PickleValue.Tuple tuple => Some(tuple.Items.ToMany()),
            _ => None,
        };
}
