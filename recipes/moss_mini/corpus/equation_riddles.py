"""Word problems about numbers and figures, in the notation of `equation_stories.py`."""

RIDDLES = """
@ 6 | sum_difference | x+y={s};x-y={d}
en
= the larger number | the smaller one
. [Two numbers add up to|The sum of two numbers is|Two numbers have the sum|Two numbers total] {s}[ and their difference is|, their difference is|. Their difference is| and they differ by] {d}.
. [Two numbers have|There are two numbers with] a sum of {s} and a difference of {d}.
. The difference of two numbers is {d} and their sum is {s}.
. [Together two numbers make|The total of two numbers is] {s}. One [of them |]is {d} [more|larger|bigger|greater] than the other.
. I have two numbers. [Added|Together] they [are|make|give] {s}, subtracted they [are|give] {d}.
. One number is {d} more than another [and their sum is|and they add up to|, and together they are] {s}.
? What are [the|these|the two] numbers?
? Find [the|both|the two] numbers.
? Which numbers are [they|these]?
? [What are they|Which are they|Find them]?
? Tell me both numbers.
* [Which|What] two numbers have [the sum|a sum of] {s} and [the difference|a difference of] {d}?
* [Find|Give me] two numbers [with sum|whose sum is] {s} and [whose difference is|difference] {d}
* [two numbers, sum|numbers with sum] {s}, difference {d}
* [Which|What] two numbers add up to {s} and differ by {d}?
* Split {s} into two [parts|numbers] that differ by {d}.
> The numbers are {x} and {y}. / They are {x} and {y}. / The larger one is {x}, the smaller one {y}. / {x} and {y}.
? What is the [larger|bigger|greater|first] [number|one]?
? How [large|big] is the [larger|bigger] one?
> The larger number is {x}. / It is {x}. / The bigger one is {x}.
? What is the [smaller|lesser] [number|one]?
? Find the smaller [number|one].
> The smaller number is {y}. / It is {y}. / The smaller one is {y}.
zh
= 较大的数 | 较小的数
. [两个数的和是|两数之和是|两数之和为|两个数加起来是|两个数相加得|两数和为]{s}，[差是|它们的差是|两数之差是|相差|差为]{d}，
. [有两个数|两个数]，[和是|加起来等于|和为]{s}，[差是|相减等于|差为]{d}。
. [两个数相差|两数的差是]{d}，[和是|加起来是|它们的和是]{s}。
. [甲乙两数|甲、乙两个数|甲数和乙数]的和是{s}，[差是|甲比乙大|甲数比乙数多]{d}，
. 大数和小数[一共|加起来]是{s}，大数比小数[大|多]{d}，
? [这两个数|两个数|它们][各是多少|是多少|分别是多少|分别是几|各是几]？
? 求这两个数。
? [求这两个数|是哪两个数|请求出两个数]
* 和[为|是]{s}、差[为|是]{d}的两个数[是多少|是什么|各是多少]？
* 把{s}分成两个数，[使它们相差|差是]{d}，[怎么分|这两个数是多少]？
* 哪两个数的和是{s}，差是{d}？
* 已知两数[和|之和]{s}，[差|之差]{d}，求[两数|这两个数|这两数]
> 这两个数是{x}和{y}。 / 两个数分别是{x}和{y}。 / 大数是{x}，小数是{y}。 / 分别是{x}和{y}。
? [较大的数|大数|大的那个数][是多少|是几|等于多少]？
> 较大的数是{x}。 / 大数是{x}。
? [较小的数|小数|小的那个数][是多少|是几]？
> 较小的数是{y}。 / 小的数是{y}。

@ 4 | named_sum_difference | x+y={s};x-y={d}
en
= the first unknown | the second
. The sum of x and y is {s}[ and their difference is|, their difference is|. x minus y is| and x is greater than y by| and x exceeds y by] {d}.
. x [plus|and] y [is|make|equals] {s}, x minus y [is|equals|makes] {d}.
. x and y add up to {s} and [x minus y is|differ by] {d}.
? What are x and y?
? Find x and y.
? [What is x and what is y|Which numbers are x and y|Find both]?
> x = {x}, y = {y} / x is {x} and y is {y}. / x = {x} and y = {y}.
zh
= 第一个未知数 | 第二个
. x与y的和[是|为]{s}，[差|x与y的差][是|为]{d}，
. x和y[加起来|相加]等于{s}，x[减|减去]y等于{d}，
. x比y大{d}，x与y[之和是|的和是|一共是]{s}，
? [求x和y|x和y各是多少|x、y分别等于几|x和y是多少]？
? 求x、y的值。
> x = {x}，y = {y} / x是{x}，y是{y}。 / x = {x}，y = {y}。

@ 3 | named_ratio | x={k}y;x+y={s}
en
= the first unknown | the second
. x is {k} times y and [x plus y is|x and y add up to|their sum is|the sum of x and y is] {s}.
. The sum of x and y is {s} and x is {k} times [y|as large as y].
? What are x and y?
? Find x and y.
> x = {x}, y = {y} / x is {x} and y is {y}. / x = {x} and y = {y}.
zh
= 第一个未知数 | 第二个
. x是y的{k}倍，[x与y的和是|x加y等于|两数和为]{s}，
? [求x和y|x和y各是多少|x、y分别是几]？
> x = {x}，y = {y} / x是{x}，y是{y}。

@ 3 | isosceles | 2x+{b}={t}
en
= one of the equal sides
* An isosceles triangle has perimeter {t} and base {b}. [How long is each of the equal sides|How long is one of the equal sides|What is the length of the other sides]?
* The perimeter of an isosceles triangle is {t}. Its base is {b}. Find the equal sides.
> Each is {x}. / Each of them is {x} long. / {x}.
zh
= 腰长
* 等腰三角形[的|]周长是{t}，底边[长|是]{b}，[腰长是多少|腰是多少|求腰长]？
> 腰长是{x}。 / 是{x}。

@ 4 | sum_ratio | x={k}y;x+y={s}
en
= the larger number | the smaller one
. [The sum of two numbers is|Two numbers add up to] {s}[. One is| and one is|, one is] {k} times [the other|as large as the other].
. One number is {k} times [another|as big as another], [and their sum is|and together they make|and they add up to] {s}.
. One number is {k} times the other. [Their sum is|They add up to|Together they are] {s}.
? [What are|Find] the [two |]numbers.
? What are they?
? Which two numbers are these?
> The numbers are {x} and {y}. / They are {x} and {y}. / {x} and {y}.
zh
= 大数 | 小数
. [两个数的和是|两数之和为|两个数加起来是]{s}，[其中一个是另一个的|大数是小数的|一个数是另一个数的]{k}倍，
. [甲数是乙数的|甲是乙的]{k}倍，[它们的和是|两数之和是|甲乙之和是|甲乙一共是]{s}，
? [这两个数|两个数]各[是多少|是几]？
? 求这两个数。
? [两数各是多少|两个数分别是多少|分别是多少]？
> 这两个数是{x}和{y}。 / 分别是{x}和{y}。 / 两个数分别是{x}和{y}。

@ 5 | rectangle_difference | 2(x+y)={s};x=y+{d}
en
= the length | the width
. [The perimeter of a rectangle is|A rectangle has a perimeter of|A rectangle has perimeter|A rectangular garden has a perimeter of] {s}[ cm| m|][. Its length is|. The length is| and its length is|, and it is] {d} [more than the width|longer than the width|more than its width].
. A rectangle is {d} [cm |m |]longer than [it is wide|wide]. Its perimeter is {s}.
? [What are its|Find the|What are the] [sides|length and width|dimensions]?
? How long and how wide is it?
> The length is {x} and the width is {y}. / It is {x} long and {y} wide. / {x} by {y}.
? What is [its|the] length?
? How long is it?
> The length is {x}. / It is {x}.
? What is [its|the] width?
? How wide is it?
> The width is {y}. / It is {y}.
zh
= 长 | 宽
. [一个长方形的周长是|长方形的周长为|长方形周长|一块长方形菜地的周长是]{s}[厘米|米|]，长比宽[多|长]{d}[厘米|米|]，
. 长方形的长比宽多{d}，周长[是|为]{s}，
? [长和宽各是多少|长、宽各是多少|求长和宽|长宽分别是多少]？
> 长是{x}，宽是{y}。 / 长{x}，宽{y}。
? 长是多少？
> 长是{x}。
? 宽是多少？
> 宽是{y}。

@ 3 | rectangle_ratio | 2(x+y)={s};x={k}y
en
= the length | the width
. [The perimeter of a rectangle is|A rectangle has a perimeter of] {s}[ cm| m|][. Its length is| and the length is|, its length is] {k} times [its|the] width.
. A rectangle is {k} times as long as [it is |]wide and its perimeter is {s}.
? [What are its|Find the|What are the] [sides|length and width|dimensions]?
> The length is {x} and the width is {y}. / It is {x} long and {y} wide.
? What is [its|the] width?
> The width is {y}. / It is {y}.
zh
= 长 | 宽
. [一个长方形的周长是|长方形周长为]{s}[厘米|米|]，长是宽的{k}倍，
? [长和宽各是多少|求长和宽|长、宽分别是多少]？
> 长是{x}，宽是{y}。 / 长{x}，宽{y}。
? 宽是多少？
> 宽是{y}。

@ 4 | rectangle_area | x(x+{d})={t}
en
= the width
. [The area of a rectangle is|A rectangle has an area of|A rectangle has area] {t}[ and it is|. It is|. Its length is] {d} longer than [wide|its width].
. A rectangular [garden|room|field] is {d} [meters |m |]longer than [it is |]wide. Its area is {t}[ square meters|].
? [What is its width|How wide is it|Find the width|What is the shorter side]?
> The width is {x}. / It is {x} wide. / {x}.
zh
= 宽
. [一个长方形的面积是|长方形面积为|一块长方形土地的面积是]{t}[平方米|平方厘米|]，长比宽多{d}[米|厘米|]，
. 长方形的长比宽多{d}，面积是{t}，
? [宽是多少|求宽|它的宽是多少]？
> 宽是{x}。 / 它的宽是{x}。

@ 3 | rectangle_both | 2(x+y)={s};x*y={t}
en
= one side | the other side
. [A rectangle has|The] perimeter {s} and area {t}[.| for a rectangle.]
. The perimeter of a rectangle is {s} and its area is {t}.
. A rectangle has an area of {t} and a perimeter of {s}.
? [What are its sides|Find its sides|What are the sides|What are its dimensions|What are its length and width]?
> Its sides are {y} and {x}. / The sides measure {y} and {x}. / {y} by {x}.
zh
= 一边 | 另一边
. [一个长方形的周长是|长方形周长为]{s}，面积[是|为]{t}，
. 长方形的面积是{t}，周长是{s}，
? [它的长和宽是多少|求长和宽|两边各是多少|边长是多少]？
> 两边是{y}和{x}。 / 边长分别是{y}和{x}。

@ 3 | square_area | x^2={t}
en
= the side of the square
* [A square has|The square has] an area of {t}[ square meters| cm²|]. [How long is its side|What is its side|What is the side length|Find its side]?
* [What is|How long is] the side of a square [with|of] area {t}?
* The area of a square is {t}. [How long is a side|What's the side|Find the side length].
> The side is {x}. / Its side is {x}. / {x}.
zh
= 正方形的边长
* [一个正方形的面积是|正方形面积为|正方形的面积等于]{t}[平方米|平方厘米|]，[边长是多少|它的边长是多少|求边长]？
* 面积是{t}的正方形，边长是多少？
> 边长是{x}。 / 它的边长是{x}。

@ 4 | consecutive_sum | x+(x+1)+(x+2)={t}
en
= the smallest of them
* [The sum of three consecutive numbers is|Three consecutive integers add up to|Three consecutive whole numbers sum to|Three numbers in a row add up to] {t}. [What is the smallest|Find the smallest|What's the smallest one|What is the first one][ of them|]?
* [What is|Find] the smallest of three consecutive [integers|numbers] [with sum|whose sum is|that add up to] {t}
> The smallest is {x}. / It is {x}. / The first one is {x}.
zh
= 最小的数
* 三个连续[整数|自然数|的整数|数]的和是{t}，[最小的是多少|最小的数是几|求最小的数|最小的一个是多少]？
* 三个连续[整数|自然数]之和为{t}，最小的是[几|多少]？
> 最小的是{x}。 / 最小的数是{x}。

@ 3 | consecutive_middle | (x-1)+x+(x+1)={t}
en
= the middle one
* [The sum of three consecutive numbers is|Three consecutive integers add up to] {t}. What is the middle one?
* [What is|Find] the middle of three consecutive integers [with sum|whose sum is] {t}
> The middle one is {x}. / It is {x}.
zh
= 中间的数
* 三个连续[整数|自然数]的和是{t}，[中间的是多少|中间的数是几|求中间的数]？
> 中间的数是{x}。 / 中间的是{x}。

@ 2 | consecutive_largest | (x-2)+(x-1)+x={t}
en
= the largest of them
* [The sum of three consecutive numbers is|Three consecutive integers add up to] {t}. [What is the largest|Find the largest|What is the biggest one]?
> The largest is {x}. / It is {x}.
zh
= 最大的数
* 三个连续[整数|自然数]的和是{t}，[最大的是多少|最大的数是几|求最大的数]？
> 最大的是{x}。 / 最大的数是{x}。

@ 3 | consecutive_two | x+y={t};y=x+1
en
= the first number | the next one
* [The sum of two consecutive numbers is|Two consecutive integers add up to|Two consecutive numbers make] {t}. [What are they|Find them|Which are they|What are the numbers]?
* [Which|What] two consecutive [numbers|integers] [add up to|have the sum|sum to] {t}?
> They are {x} and {y}. / The numbers are {x} and {y}. / {x} and {y}.
zh
= 前一个数 | 后一个数
* 两个连续[整数|自然数|数]的和是{t}，[这两个数是多少|它们是几|求这两个数]？
* 哪两个连续[整数|自然数]的和是{t}？
> 它们是{x}和{y}。 / 这两个数是{x}和{y}。

@ 3 | consecutive_even | x+y={t};y=x+2
en
= the first number | the next one
* [The sum of two consecutive {parity} numbers is|Two consecutive {parity} integers add up to] {t}. [What are they|Find them|Which numbers are they]?
* [Which|What] two consecutive {parity} numbers [add up to|have the sum] {t}?
> They are {x} and {y}. / The numbers are {x} and {y}.
zh
= 前一个数 | 后一个数
* 两个连续{parity}的和是{t}，[这两个数是多少|它们各是几|求这两个{parity}]？
* 哪两个连续{parity}加起来是{t}？
> 它们是{x}和{y}。 / 这两个数是{x}和{y}。

@ 3 | consecutive_product | x(x+1)={t}
en
= the smaller of the two
* [The product of two consecutive numbers is|Two consecutive positive integers multiply to|Two consecutive positive numbers have the product] {t}. [What is the smaller one|Find the smaller one|What's the smaller|Which is the smaller one]?
> The smaller one is {x}. / It is {x}.
zh
= 较小的数
* 两个连续[正整数|自然数]的[积|乘积]是{t}，[较小的数是多少|较小的是几|求较小的数]？
> 较小的数是{x}。 / 较小的是{x}。

@ 3 | product_sum | x+y={s};x*y={t}
en
= one number | the other one
* [Two numbers have|There are two numbers with] [sum|the sum|a sum of] {s} and [product|the product|a product of] {t}. [What are they|Find them|Which are they]?
* [Which|What] two numbers add up to {s} and multiply to {t}?
* Find two numbers whose sum is {s} and whose product is {t}
* The product of two numbers is {t} and their sum is {s}. [Find them|What are the numbers|What are they].
> They are {y} and {x}. / The numbers are {y} and {x}.
zh
= 一个数 | 另一个数
* 两个数的和是{s}，[积是|乘积是|积为]{t}，[这两个数是多少|求这两个数|它们是几]？
* 哪两个数[相加得|的和是]{s}，[相乘得|积是]{t}？
> 这两个数是{y}和{x}。 / 它们是{y}和{x}。

@ 3 | angles | x+{a}x+{b}x=180
en
= the smallest angle
* The angles of a triangle are in the ratio 1:{a}:{b}. [How large is the smallest|What is the smallest angle|Find the smallest one]?
* In a triangle the second angle is {a} times the first and the third is {b} times the first. [How big is the first|What is the first angle]?
> It is {x} degrees. / The angle is {x}.
zh
= 最小的角
* 三角形三个内角的比是1:{a}:{b}，最小的角是多少度？
* 三角形第二个角是第一个角的{a}倍，第三个角是第一个角的{b}倍，第一个角[是多少度|多大]？
> 是{x}度。 / 这个角是{x}度。

@ 3 | discount | x*(1-{p100}/100)={t}
en
= the price before
* [After|With] a {p100}% discount [a {p1}|it|the {p1}] costs {t}. What was the [original|old|full] price?
* [A {p1}|Something] is {p100}% off and now costs {t}. [How much was it before|What did it cost before]?
> It was {x}. / The price before was {x}. / {x}.
zh
= 原价
* [一件商品|一件衣服|一双鞋]降价{p100}%后[卖|售价是|是]{t}元，原价[是多少|多少元]？
* 便宜{p100}%以后是{t}元，原来多少钱？
> 原价是{x}元。 / 原来是{x}元。

@ 3 | raised | x*(1+{p100}/100)={t}
en
= the value before
* [A number|A price|A salary] increased by {p100}% is {t}. What was it[ before|]?
* After [a raise|an increase|a rise] of {p100}% [it|the rent|my salary|the price] is {t}. [How much was it before|What was it before|What was the original value]?
> It was {x}. / {x}. / Before it was {x}.
zh
= 原来的数
* 一个数增加{p100}%后[是|等于|得]{t}，这个数是多少？
* [工资|价格|房租|产量]涨了{p100}%后是{t}，[原来是多少|涨之前是多少]？
> 原来是{x}。 / 是{x}。

@ 6 | steps | {a}x+{b}={c}
en
= the number
* I [think of|am thinking of|thought of|pick|have|take|choose] a number, [multiply it by|times it by] {a}[, add| and add|, then add] {b}[, and get| and get|. I get|, the result is|. The result is] {c}. [What is my number|What is the number|What was my number|Which number is it|What number did I think of|What's the number]?
* [Take|Think of] a number, multiply by {a}[, add| and add] {b}: you get {c}. [Which number was it|What was the number]?
* If you multiply a number by {a} and add {b}, you get {c}. [What is the number|Which number is it|Find the number].
* [What|Which] number, multiplied by {a} and [then |]increased by {b}, [gives|is|makes] {c}?
* What number do I multiply by {a} and add {b} to get {c}?
> The number is {x}. / It is {x}. / Your number is {x}. / {x}.
zh
= 这个数
* [我想了一个数|我心里想了一个数|我想一个数|想一个数]，[乘|乘以|把它乘以|先乘]{a}[再加|，再加|加上|，然后加上]{b}[等于|得|，得到|，结果是|得到]{c}，[这个数是多少|我想的是几|这个数是几|求这个数|我想的数是多少]？
* 一个数乘{a}[再加|加|加上]{b}[等于|得|是]{c}，[求这个数|这个数是多少|这个数是几]？
* [什么数|哪个数|几]乘{a}[再加|加|加上]{b}[等于|得]{c}？
> 这个数是{x}。 / 是{x}。 / 你想的数是{x}。

@ 4 | steps_minus | {a}x-{b}={c}
en
= the number
* I [think of|am thinking of|have] a number, [multiply it by|times it by] {a}[, subtract| and subtract|, take away|, then subtract] {b}[, and get| and get|. I get] {c}. [What is my number|What is the number|Which number is it|What was it]?
* If you multiply a number by {a} and [subtract|take away] {b}, you get {c}. [What is the number|Find the number].
* [What|Which] number times {a} minus {b} [gives|is|makes] {c}?
> The number is {x}. / It is {x}. / Your number is {x}.
zh
= 这个数
* [我想了一个数|想一个数|我心里有一个数]，[乘|乘以]{a}[再减|，再减去|减去|后减]{b}[等于|得|，结果是]{c}，[这个数是多少|我想的是几|这个数是几]？
* [什么数|哪个数|一个数]乘{a}[再减|减|减去]{b}[等于|得]{c}？
> 这个数是{x}。 / 是{x}。

@ 3 | steps_bracket | {a}(x+{b})={c}
en
= the number
* I [think of|am thinking of|pick] a number, add {b}[, multiply| and multiply|, then multiply] [the result |]by {a}[, and get| and get|. I get] {c}. [What is my number|What is the number|Which number is it]?
* If you add {b} to a number and multiply the [sum|result] by {a}, you get {c}. [What is the number|Find the number].
> The number is {x}. / It is {x}.
zh
= 这个数
* [我想了一个数|想一个数|一个数]，[加|先加]{b}[再乘|，再乘以|后乘]{a}[等于|得|，结果是]{c}，[这个数是多少|我想的是几|这个数是几]？
> 这个数是{x}。 / 是{x}。

@ 3 | steps_divide | x/{a}+{b}={c}
en
= the number
* I [think of|am thinking of|pick] a number, divide it by {a}[, add| and add|, then add] {b}[, and get| and get|. I get] {c}. [What is my number|What is the number|Which number is it]?
* If you divide a number by {a} and add {b}, you get {c}. [What is the number|Find the number].
> The number is {x}. / It is {x}.
zh
= 这个数
* [我想了一个数|想一个数|一个数]，[除以|先除以]{a}[再加|，再加上|加]{b}[等于|得|，结果是]{c}，[这个数是多少|我想的是几|这个数是几]？
> 这个数是{x}。 / 是{x}。

@ 3 | steps_halved | (x-{b})/{a}={c}
en
= the number
* I [think of|am thinking of] a number, subtract {b}[, divide| and divide|, then divide] by {a}[, and get| and get|. I get] {c}. [What is my number|What is the number|Which number is it]?
> The number is {x}. / It is {x}.
zh
= 这个数
* [我想了一个数|想一个数|一个数]，[减|先减]{b}[再除以|，再除以|后除以]{a}[等于|得|，结果是]{c}，[这个数是多少|这个数是几]？
> 这个数是{x}。 / 是{x}。
"""
