namespace Cmsa.Pickle.Tests;

/// <summary>
/// Objects and calls kept as data; what Python writes for them is in <c>copyreg</c> and <c>object.__reduce_ex__</c>.
/// </summary>
public class InertTests
{
    [Fact]
    public void A_call_is_kept_and_never_made() =>
        Assert.Equal(Say.Made("posix", "system", Say.Text("true")), Say.Inert("cposix\nsystem\n(S'true'\ntR.").Value());

    [Fact]
    public void An_object_has_its_class_and_state() =>
        Assert.Equal(
            Say.Made("argparse", "Namespace") with
            {
                State = Say.Dict((Say.Text("lr"), Say.Float(0.5))),
            },
            Say.Inert("\u0080\u0002cargparse\nNamespace\n)\u0081}X\u0002\0\0\0lrF0.5\nsb.").Value()
        );

    [Fact]
    public void A_list_or_dictionary_with_a_class_keeps_its_items()
    {
        Assert.Equal(
            Say.Made("m", "L") with
            {
                Items = [Say.Int(1), Say.Int(2)],
            },
            Say.Inert("cm\nL\n)\u0081(I1\nI2\ne.").Value()
        );
        Assert.Equal(
            Say.Made("m", "D") with
            {
                Entries = [(Say.Text("a"), Say.Int(1))],
                State = Say.Dict(),
            },
            Say.Inert("cm\nD\n)\u0081S'a'\nI1\ns}b.").Value()
        );
    }

    [Fact]
    public void A_name_a_computed_call_and_an_object_outside_are_kept()
    {
        Assert.Equal(Say.Global("torch", "float32"), Say.Inert("ctorch\nfloat32\n.").Value());
        Assert.Equal(new PickleValue.Outside(Say.Text("place")), Say.Inert("Pplace\n.").Value());
        Assert.Equal(new PickleValue.Made(Say.Made("m", "f"), [Say.Nothing]), Say.Inert("cm\nf\n)RN\u0085R.").Value());
        Assert.Equal(
            Say.Made("m", "C", Say.Tuple(Say.Int(1)), Say.Dict((Say.Text("k"), Say.Int(2)))),
            Say.Inert("cm\nC\nI1\n\u0085}S'k'\nI2\ns\u0092.").Value()
        );
    }

    [Fact]
    public void Dictionaries_of_every_class_of_the_standard_library_are_dictionaries()
    {
        var one = Say.Dict((Say.Text("a"), Say.Int(1)));
        Assert.Equal(one, Say.Read(Say.Raw("ccollections\nOrderedDict\n)RS'a'\nI1\ns.")).Value());
        Assert.Equal(one, Say.Read(Say.Raw("ccollections\nOrderedDict\n((lp0\n(lp1\nS'a'\naI1\naatR.")).Value());
        Assert.Equal(one, Say.Read(Say.Raw("ccollections\ndefaultdict\n(c__builtin__\nlist\ntRS'a'\nI1\ns.")).Value());
        // Attributes of an OrderedDict, such as a state dictionary's _metadata, are left out of inert data.
        Assert.Equal(one, Say.Inert("ccollections\nOrderedDict\n)RS'a'\nI1\ns}S'_metadata'\nNsb.").Value());
    }

    [Fact]
    public void Cycles_are_refused_as_data_and_marked_in_inert_data()
    {
        Assert.Equal("contains itself", Say.Read(Say.Raw("]\u0094h\0a.")).Error().What);
        Assert.Equal(Say.List(PickleValue.Cycle.Value), Say.Inert("]\u0094h\0a.").Value());
        // x = C(); x.self = x
        Assert.Equal(
            Say.Made("m", "C") with
            {
                State = Say.Dict((Say.Text("self"), PickleValue.Cycle.Value)),
            },
            Say.Inert("cm\nC\n)\u0081\u0094}S'self'\nh\0sb.").Value()
        );
        // A parent in a list whose state holds the list: the list is filled after the state refers to it.
        Assert.Equal(
            Say.List(Say.Made("m", "C") with { State = PickleValue.Cycle.Value }, Say.Int(1)),
            Say.Inert("]\u0094(cm\nC\n)\u0081h\0bI1\ne.").Value()
        );
    }

    [Theory]
    [InlineData("i8", "<", "\u00fe\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "-2")]
    [InlineData("i4", ">", "\0\0\u0001\0", "256")]
    [InlineData("u1", "|", "\u00ff", "255")]
    [InlineData("f8", "<", "\0\0\0\0\0\0\u00f8\u003f", "1.5")]
    [InlineData("f4", "<", "\0\0\0\u00c0", "-2")]
    [InlineData("f2", "<", "\0\u003c", "1")]
    [InlineData("b1", "|", "\u0001", "True")]
    public void NumPys_scalars_are_plain_numbers(string type, string order, string content, string number)
    {
        foreach (var module in new[] { "numpy.core.multiarray", "numpy._core.multiarray" })
        {
            var dtype = $"cnumpy\ndtype\n(S'{type}'\nI0\nI1\ntR(I3\nS'{order}'\nNNNI-1\nI-1\nI0\ntb";
            var pickle = $"c{module}\nscalar\n({dtype}C{(char)content.Length}{content}tR.";
            var shown = Say.Read(Say.Raw(pickle)).Value() switch
            {
                PickleValue.Int whole => $"{whole.Value}",
                PickleValue.Float real => $"{real.Value}",
                PickleValue.Bool flag => $"{flag.Value}",
                var other => $"{other}",
            };
            Assert.Equal(number, shown);
        }
    }

    [Fact]
    public void A_scalar_of_another_type_is_kept()
    {
        var kept = Say.Inert("cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'c16'\ntRC\u0001xtR.").Value();
        Assert.IsType<PickleValue.Made>(kept);
    }
}
