namespace Cmsa.Data.Tests;

/// <summary>
/// What the authors' definitions say at the paper's protocol: a program in C++ that follows their code (the lattice,
/// the kernels, the inference) step by step was run on cases of <see cref="CrfCase.Of"/>. Probabilities of being inside
/// in 65535ths, two bytes each, the low one first.
/// </summary>
internal static class CrfGolden
{
    public static IEnumerable<(CrfCase Case, double[] Inside)> All =>
        [
            (
                CrfCase.Of(20, 20, 4, 6, 3, 11),
                Read(
                    """
                    AQAAAAAAAAAAAAAAAAAAABcAAABGAyYKAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAFAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                    AQAAAAAAAQDdChAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADyiwAA
                    BgD2/wEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD4/QwA9f8BAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJH/+/8EAPT/+P8CAAAA
                    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQDq//7//f/8/wQAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAANj/9/+o/97/q//x/yUAif8AAAAAAAAAAAAA
                    AAAAAAAAAAAAAAAAAQADAPT/+v/d//j/Ef7g/ykBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+P/X/5u16v5I/9H/+f8DAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                    AAABAPn/7v+r8vz/q//r//L/AABjAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAEwECQD9//b/AQABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADg/wEA
                    /f9W/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGABcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADR/wAAAAAAAAAA
                    AAAAAAAAAAAAAAEAAQAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADt/yMAN4kAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                    6/0DAAIAmRQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAMA7/+z/87/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAQA=
                    """
                )
            ),
            (
                CrfCase.Of(16, 24, 8, 2, 1, 12),
                Read(
                    """
                    ////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
                    /////////////////////////v////////////////////////////////////////////7///////7/////////////////////////////////////////
                    //////////////////////////////////////////////////////////////////////////////7/////////////////////////////////////////
                    ///////////////////+////////////////////////////////////////////////////////////////////////////////////////////////////
                    ////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
                    ////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
                    ////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
                    ////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
                    ///////////////////////////////////+////////////////////////////
                    """
                )
            ),
            (
                CrfCase.Of(16, 24, 100, 6, 8, 13),
                Read(
                    """
                    ///////////////////////////////////o/+3/Uexm/1H99v/f//7//v///////////////////////////////////////P+6//P/gvgK+R3/+v/7//7/
                    /v///////v/////////////////////////////////+/+H/9f/D/4T/7f+y//7//v///////v/////////////////////////////////q//j/nf/0/0n9
                    7f/+//7///////////////////////////////////////////////r//v/7//j/pP/2///////////////////////////////////////////////9//j/
                    9f/8/7z//v/4//7///////////////////////////////////////////////////////7//v//////////////////////////////////////////////
                    //////////////7//v//////////////////////////////////////////////////////////////////////////////////////////////////////
                    /v////////////////////////////////////z////////////8//r/+//////////+//////////////////////////////////7////+/////P/8//T/
                    5P/7//f/8f/////////////////////////////////+//7////+////8/+C//n/TPy5//7//v////////////////////////////////////3///////3/
                    +//I//z/8f+y//////////////////////////////////////////n///////D/8/+7/9P/sPYb/v7//v/9/////////////////////////////v/4//n/
                    ////////0v/Z/9P/Yf/0//3//v/////////////////////////////////+/9P/
                    """
                )
            ),
        ];

    private static double[] Read(string text)
    {
        var bytes = Convert.FromBase64String(text);
        return [.. Enumerable.Range(0, bytes.Length / 2).Select(i => BitConverter.ToUInt16(bytes, 2 * i) / 65535.0)];
    }
}
