namespace Cmsa.Pickle.Tests;

/// <summary>What Python 2 writes and Python 3 does not, by hand from its <c>pickle.py</c>.</summary>
public class Python2Tests
{
    [Fact]
    public void A_reference_of_REFER_in_protocol_0() =>
        Assert.Equal(
            Say.List(
                Say.Dict(
                    (Say.Text("ref_id"), Say.Int(1)),
                    (Say.Text("split"), Say.Text("train")),
                    (Say.Text("tokens"), Say.List(Say.Text("the"), Say.Text("man's")))
                ),
                Say.Dict((Say.Text("ref_id"), Say.Int(2)), (Say.Text("split"), Say.Text("train")))
            ),
            Say.Read(
                    Say.Raw(
                        "(lp0\n(dp1\nS'ref_id'\np2\nI1\nsS'split'\np3\nVtrain\np4\nsS'tokens'\np5\n(lp6\nVthe\np7\naS\"man's\"\np8\nasa"
                            + "(dp9\ng2\nL2L\nsg3\ng4\nsa."
                    )
                )
                .Value()
        );

    [Fact]
    public void The_same_in_protocol_2() =>
        Assert.Equal(
            Say.List(
                Say.Dict((Say.Text("ref_id"), Say.Int(1)), (Say.Text("split"), Say.Text("train"))),
                Say.Dict((Say.Text("ref_id"), Say.Int(-2)), (Say.Text("split"), Say.Text("train")))
            ),
            Say.Read(
                    Say.Raw(
                        "\u0080\u0002]q\u0000(}q\u0001(U\u0006ref_idq\u0002K\u0001U\u0005splitq\u0003X\u0005\0\0\0trainq\u0004u}q\u0005("
                            + "h\u0002J\u00fe\u00ff\u00ff\u00ffh\u0003h\u0004ue."
                    )
                )
                .Value()
        );

    [Theory]
    [InlineData("S'a\\x41\\n\\t\\'\\\\\\101'\n.", "aA\n\t'\\A")]
    [InlineData("T\u0003\0\0\0abc.", "abc")]
    [InlineData("S'caf\\xc3\\xa9'\n.", "café")]
    [InlineData("V\\ud83d\\ude00\\\\u0041\n.", "😀\\\\u0041")]
    [InlineData("V\\U0001f600\n.", "😀")]
    public void Strings(string pickle, string text) => Assert.Equal(Say.Text(text), Say.Read(Say.Raw(pickle)).Value());

    [Fact]
    public void A_string_that_is_not_text_is_bytes() =>
        Assert.Equal(Say.Bytes(0xff, 0x00), Say.Read(Say.Raw("U\u0002\u00ff\u0000.")).Value());

    [Theory]
    [InlineData("c__builtin__\nset\np0\n((lp1\nI1\naI2\natp2\nRp3\n.")]
    [InlineData("\u0080\u0002c__builtin__\nset\nq\0]q\u0001(K\u0001K\u0002e\u0085q\u0002Rq\u0003.")]
    [InlineData("\u0080\u0002c__builtin__\nfrozenset\nq\0]q\u0001(K\u0001K\u0002K\u0002e\u0085q\u0002Rq\u0003.")]
    public void Sets(string pickle) => Assert.Equal(Say.Set(Say.Int(1), Say.Int(2)), Say.Read(Say.Raw(pickle)).Value());

    [Fact]
    public void A_key_said_twice_has_its_last_value() =>
        Assert.Equal(
            Say.Dict((Say.Int(1), Say.Text("last")), (Say.Int(2), Say.Nothing)),
            Say.Read(Say.Raw("(dI1\nS'first'\nsI2\nNsI1\nS'last'\ns.")).Value()
        );

    [Fact]
    public void Memory_need_not_be_numbered_in_order() =>
        Assert.Equal(
            Say.Tuple(Say.Text("a"), Say.Text("b"), Say.Text("a"), Say.Text("b")),
            Say.Read(Say.Raw("(S'a'\np4000000000\nS'b'\nq\u0007g4000000000\nh\u0007t.")).Value()
        );
}
