"""Word problems that lead to an equation, as data for `equation_words.py`.

A line that starts with "@" opens a kind: @ weight | numbers | equation, where `numbers` names a function of
`equation_words.py`. Then, for each language, after a line "en" or "zh":

    = what x is | what y is      for the inner thought
    . a situation                [a|b] is one of a and b; {a} … are numbers, {p} {q} things, {ap} "3 pens", {n} {m} names
    ? a question about it        put behind a situation
    * a whole question
    > an answer                  to the "?" and "*" lines since the last ">"; several ones separated by " / "

{x} and {y} are the values found (the largest root where there are two), {all} both roots.
"""

STORIES = """
@ 3 | three_shares | x+{a}x+{b}x={t}
en
= the smallest share
* Three people share {t} [dollars|euros|sweets]. The second gets {a} times as much as the first, the third {b} times as much as the first. [How much does the first get|What does the first one get]?
* {t} is split into three parts in the ratio 1:{a}:{b}. [What is the smallest part|How large is the first part]?
> It is {x}. / {x}. / The first share is {x}.
zh
= 最小的一份
* 三个人分{t}元，第二个人[是|得到的是]第一个人的{a}倍，第三个人是第一个人的{b}倍，第一个人[得多少|分到多少元]？
* 把{t}按1:{a}:{b}分成三份，最小的一份是多少？
> 是{x}。 / 最小的一份是{x}。

@ 3 | class_size | x+y={s};x=y+{d}
en
= the number of girls | the number of boys
. [A class|A school|A club] has {s} [students|pupils|children|members]. There are {d} more girls than boys.
. There are {s} children in a class, and there are {d} more girls than boys.
? How many girls and how many boys are there?
? How many of each?
> There are {x} girls and {y} boys. / {x} girls, {y} boys.
? How many boys are there?
> There are {y} boys. / {y} boys.
? How many girls are there?
> There are {x} girls. / {x} girls.
zh
= 女生人数 | 男生人数
. [一个班|某班|全班|班里]有{s}人，女生比男生多{d}人，
? [男生和女生各多少人|女生和男生各有多少人|男女生各几人]？
> 女生{x}人，男生{y}人。 / 有{x}名女生和{y}名男生。
? 男生有多少人？
> 男生有{y}人。 / 有{y}名男生。
? 女生有多少人？
> 女生有{x}人。 / 有{x}名女生。

@ 3 | upstream | x+y={s};x-y={d}
en
= the speed of the boat in still water | the speed of the current
* A boat goes {s} km/h downstream and {d} km/h upstream. [How fast are the boat and the current|What are the speeds of the boat in still water and of the current]?
* With the wind a plane flies {s} km/h, against it {d} km/h. [How fast are the plane and the wind|Find the speed of the plane and of the wind].
> {x} and {y} km/h. / The first is {x} km/h, the second {y} km/h.
zh
= 静水速度 | 水流速度
* 一艘船顺水[每小时行|速度是]{s}千米，逆水[每小时行|速度是]{d}千米，[船在静水中的速度和水流速度各是多少|求静水船速和水速]？
> 船速{x}，水速{y}。 / 静水速度是{x}，水流速度是{y}。

@ 3 | two_owners_ratio | x={k}y;x+y={s}
en
= how many {n} has | how many {m} has
. {n} has {k} times as many {p} as {m}. [Together they have|They have] {s} [{p}|{p} in total|].
. {n} and {m} have {s} {p} [together|in total|between them|altogether]. {n} has {k} times as many [as {m}|].
. {n} and {m} share {s} {p} so that {n} gets {k} times as many as {m}.
? How many [does each have|has each of them|does each of them have|{p} does each have]?
? How many [{p} |]do they each have?
> {n} has {x} and {m} has {y}. / {n} has {x} {p}, {m} {y}. / {n}: {x}, {m}: {y}.
? How many [{p} |]does {n} have?
> {n} has {x} {p}. / {n} has {x}. 
? How many [{p} |]does {m} have?
> {m} has {y} {p}. / {m} has {y}.
zh
= {n}的数量 | {m}的数量
. {n}的{p}是{m}的{k}倍，[两人一共有|他们一共有|两人共有|合起来是]{s}{pc}{p}，
. {n}和{m}一共有{s}{pc}{p}，{n}[的{p}是|的是|有的是]{m}的{k}倍，
? [两人各有多少|每人各有多少|他们各有多少|各有多少]{pc}[{p}|]？
? 求两人各有[几|多少]{pc}。
> {n}有{x}{pc}，{m}有{y}{pc}。 / {n}{x}{pc}，{m}{y}{pc}。 / {n}有{x}{pc}{p}，{m}有{y}{pc}{p}。
? {n}有[多少|几]{pc}{p}？
> {n}有{x}{pc}{p}。 / {n}有{x}{pc}。
? {m}有[多少|几]{pc}{p}？
> {m}有{y}{pc}{p}。 / {m}有{y}{pc}。

@ 4 | two_owners_more | x=y+{d};x+y={s}
en
= how many {n} has | how many {m} has
. {n} has {d} more {p} than {m}. [Together they have|They have|In total they have] {s} [{p}|{p} together|{p} in total].
. {n} and {m} have {s} {p} [together|in total|between them]. {n} has {d} more [than {m}|].
. [Together|Between them], {n} and {m} [collected|own|bought|ate] {s} {p}; {n} [had|has] {d} more than {m}.
? How many [does each have|has each|do they each have|{p} does each of them have]?
> {n} has {x} and {m} has {y}. / {n} has {x} {p} and {m} has {y} {p}. / {n}: {x}, {m}: {y}.
? How many [{p} |]does {n} have?
> {n} has {x} {p}. / {n} has {x}.
? How many [{p} |]does {m} have?
> {m} has {y} {p}. / {m} has {y}.
zh
= {n}的数量 | {m}的数量
. {n}比{m}多{d}{pc}{p}，[两人一共有|两人共有|他们一共有|合起来有]{s}{pc}，
. {n}和{m}[一共有|共有|总共有]{s}{pc}{p}，{n}比{m}多{d}{pc}，
. [{p}一共|两人的{p}一共]{s}{pc}，{n}比{m}多[拿了|买了|]{d}{pc}，
? [两人各有多少|每人各有多少|他们各有几|各有多少|分别有多少]{pc}[{p}|]？
> {n}有{x}{pc}，{m}有{y}{pc}。 / {n}{x}{pc}，{m}{y}{pc}。
? {n}有[多少|几]{pc}{p}？
> {n}有{x}{pc}{p}。 / {n}有{x}{pc}。
? {m}有[多少|几]{pc}{p}？
> {m}有{y}{pc}{p}。 / {m}有{y}{pc}。

@ 9 | heads_and_legs | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. [A farmer has|A farm has|There are|On a farm there are|In a yard there are] {p} and {q}[, {s} heads and {t} legs| with {s} heads and {t} legs|: {s} heads, {t} legs| with {s} heads and {t} feet][ in total| altogether| in all|].
. A [farmer|man|cage|barn|field] has {s} animals, {p} and {q}[, with|. They have] {t} legs [in total|altogether|].
. There are {s} {p} and {q} [with|, and they have] {t} legs [in all|in total|altogether|].
. [Some|] {p} and {q} are [in a cage|in a field|on a farm]. [I count|There are|We count] {s} heads and {t} legs.
. {n} [counted|counts|sees] {s} heads and {t} legs among {p} and {q}.
. {p} and {q}: {s} heads, {t} [legs|feet].
? How many [{p} and how many {q}|{p} and {q}|of each] are there?
? How many are there of each[ kind|]?
? How many of each?
? How many {p}, how many {q}?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}. / It is {x} {p} and {y} {q}.
? How many {p} [are there|does that make|are those]?
> There are {x} {p}. / {x} {p}.
? How many {q} [are there|are those]?
> There are {y} {q}. / {y} {q}.
zh
= {p}的只数 | {q}的只数
. [笼子里有|一个笼子里有|农场里有|院子里有|农场养了]{p}和{q}[若干只|]，[共有|一共有|数了数有]{s}[个头|个头|只头]，{t}[条腿|只脚|条腿|只腿]，
. {p}{q}同笼，[共|共有|一共|上有]{s}[个|]头，[{t}只脚|{t}条腿|下有{t}足]，
. {p}和{q}[一共|共|总共]{s}只，[腿共|有|共有|一共有]{t}条[腿|]，
. 今有{p}{q}同笼，上有{s}头，下有{t}足，
. {p}{q}同笼问题：头{s}个，脚{t}只，
. {p}和{q}共有{s}只，它们的[脚|腿]一共有{t}[只|条]，
? {p}和{q}各有[多少|几]只？
? [问|求]{p}{q}各[几何|多少|几只|多少只]？
? {p}{q}各几只
? [{p}、{q}各多少只|{p}和{q}分别有多少只|{p}有几只，{q}有几只]？
> {p}有{x}只，{q}有{y}只。 / 有{x}只{p}和{y}只{q}。 / {p}{x}只，{q}{y}只。
? {p}有[多少|几]只？
> {p}有{x}只。 / 有{x}只{p}。
? {q}有[多少|几]只？
> {q}有{y}只。 / 有{y}只{q}。

@ 3 | vehicles | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. [A parking lot has|In a garage there are|There are] {s} {p} and {q}[ with| and they have|, together] {t} wheels[ in total|].
. [I count|We counted|{n} counted] {s} vehicles, {p} and {q}, [and|with] {t} wheels.
. {p} and {q}, {s} [together|in all], {t} wheels.
? How many [{p} and how many {q}|{p} and {q}|of each] are there?
? How many of each?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} are there?
> There are {x} {p}. / {x} {p}.
zh
= {p}的数量 | {q}的数量
. [停车场里有|停车场有|车棚里有]{p}和{q}共{s}辆，[一共有|共有]{t}个轮子，
. {p}和{q}一共{s}辆，轮子[共|一共]{t}个，
? {p}和{q}各[有多少|有几|几]辆？
> {p}有{x}辆，{q}有{y}辆。 / {p}{x}辆，{q}{y}辆。
? {p}有[多少|几]辆？
> {p}有{x}辆。

@ 7 | tickets | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. {p1} tickets cost {a} [dollars|euros|] and {q1} tickets {b}. [{s} tickets were sold for|They sold {s} tickets and took in|{s} tickets brought in] {t}[ dollars|].
. [A theater|A cinema|A museum|The zoo|A school] sold {s} tickets for [a total of |]${t}. {p1} tickets [are|cost] ${a} and {q1} tickets [are|cost] ${b}.
. A group of {s} people pays ${t} [for tickets|at the zoo|at the museum]: [|each ]{p1} ${a}, {q1} ${b}.
. [We are|They are] {s} people and paid {t} for tickets, {a} [per|for each] {p1} and {b} [per|for each] {q1}.
? How many [{p} and how many {q} were there|{p} and {q} were there|tickets of each kind were sold|of each were sold]?
? How many of each?
> There were {x} {p} and {y} {q}. / {x} {p} and {y} {q}. / {x} for {p} and {y} for {q}.
? How many {p1} tickets were sold?
? How many {p} were there?
> There were {x} {p}. / {x} {p1} tickets.
? How many {q1} tickets were sold?
? How many {q} were there?
> There were {y} {q}. / {y} {q1} tickets.
zh
= {p}票的张数 | {q}票的张数
. {p}票每张{a}元，{q}票每张{b}元，[一共|共]卖出{s}张，[收入|共收入|收了|得]{t}元，
. [某电影院|电影院|动物园|某公园|剧院]的{p}票{a}元[一张|]，{q}票{b}元[一张|]，[一共卖了|卖了|共售出]{s}张票，[收入|共收]{t}元，
. {s}个人去[公园|动物园|看电影|博物馆]，买票[一共|共]花了{t}元，{p}票{a}元，{q}票{b}元，
. 买了{p}票和{q}票共{s}张，[花了|用去|共花]{t}元，{p}票每张{a}元，{q}票每张{b}元，
? {p}票和{q}票各[卖了|有|]多少张？
? 两种票各[多少|几]张？
? {p}和{q}各多少人？
> {p}票{x}张，{q}票{y}张。 / {p}{x}，{q}{y}。 / {p}票有{x}张，{q}票有{y}张。
? {p}票有[多少|几]张？
> {p}票有{x}张。
? {q}票有[多少|几]张？
> {q}票有{y}张。

@ 5 | coins | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. [I have|{n} has|There are] {s} [bills|notes|banknotes], {p} and {q}, worth ${t}[ in total|].
. [I have|{n} has|A wallet holds] {s} [bills|notes] worth {t} dollars, [only|all of them] {p} and {q}.
. {s} stamps cost {t} [cents|dollars]; some cost {a} and the others {b}.
. [A purse|A box|My pocket] has {s} coins of {a} and {b} [cents|euros|] with a total of {t}[ cents| euros|].
? How many of each [are there|do I have|kind are there|kind]?
? How many of each?
> There are {x} of {a} and {y} of {b}. / First kind: {x}, second kind: {y}. / {x} and {y}.
zh
= 面值{a}的数量 | 面值{b}的数量
. [小明有|我有|钱包里有|盒子里有|一共有]{a}元和{b}元的[人民币|纸币|钞票|邮票]共{s}张，[合计|总共|一共|面值共]{t}元，
. {a}元和{b}元的[纸币|票子|钞票]一共{s}张，共{t}元，
. {a}分和{b}分的硬币共{s}枚，[一共|合计]{t}分，
? [两种|]各有[多少|几][张|]？
? 两种各多少？
? 求两种的数量。
> 两种分别有{x}和{y}。 / 前一种{x}，后一种{y}。 / {a}的有{x}，{b}的有{y}。

@ 3 | points | x+y={s};{a}x-{b}y={t}
en
= the number of right answers | the number of wrong ones
. A [test|quiz|contest] has {s} questions. [A right answer gives|Each correct answer is worth] {a} points, [a wrong one costs|each wrong answer loses] {b}. {n} [answers|answered] all [of them |]and [scores|got] {t}[ points|].
. [In a quiz|On a test] with {s} questions you get {a} points for a correct answer and lose {b} for a wrong one. {n} has {t} points.
? How many answers were [right|correct]?
? How many [questions |]did {n} [answer correctly|get right]?
> {x} answers were right. / {n} answered {x} correctly. / {x} were correct.
? How many [were wrong|did {n} get wrong]?
> {y} answers were wrong. / {y} were wrong.
? How many were right and how many wrong?
> {x} right and {y} wrong. / {x} were right, {y} wrong.
zh
= 答对的题数 | 答错的题数
. [一次竞赛有|竞赛共有|一份试卷有]{s}道题，[做对一题得|答对一题得]{a}分，[做错一题扣|答错一题扣|错一题扣]{b}分，{n}[得了|共得|得]{t}分，
. 知识竞赛{s}道题，对一题加{a}分，错一题减{b}分，{n}全部作答，得了{t}分，
? {n}[答对了|做对了|对了][多少|几]道[题|]？
> {n}答对了{x}道。 / 答对了{x}道题。
? {n}[答错了|做错了|错了][多少|几]道？
> 答错了{y}道。 / {n}错了{y}道。
? 对了几题，错了几题？
> 对了{x}题，错了{y}题。 / 答对{x}道，答错{y}道。

@ 7 | shopping | {a}x+{b}y={t};{c}x+{d}y={u}
en
= the price of a {p1} | the price of a {q1}
. {ap} and {bq} cost {t}[ dollars|]. {cp} and {dq} cost {u}[ dollars|].
. {ap} and {bq} [cost|are] ${t}, {cp} and {dq} [cost|are] ${u}.
. [If |]{ap} [and|plus] {bq} [cost|come to|are] {t}, and {cp} [and|plus] {dq} [cost|come to|are] {u}.
. {n} [buys|bought] {ap} and {bq} for ${t}. {m} [buys|bought] {cp} and {dq} for ${u}.
. [At a shop|In a store|At the market] {ap} and {bq} cost {t} [euros|dollars|yuan] while {cp} and {dq} cost {u}.
? [How much is one {p1} and one {q1}|What does each cost|What is the price of each|How much does each cost|How much is each]?
? Find the price of a {p1} and a {q1}.
? What do a {p1} and a {q1} cost?
> A {p1} costs {x} and a {q1} costs {y}. / One {p1} is {x}, one {q1} is {y}. / The {p1} costs {x} and the {q1} {y}.
? [How much is|What is the price of|What does] one {p1}?
? How much does a {p1} cost?
> A {p1} costs {x}. / One {p1} is {x}.
? [How much is|What is the price of] one {q1}?
? How much does a {q1} cost?
> A {q1} costs {y}. / One {q1} is {y}.
zh
= 一{pc}{p}的价钱 | 一{qc}{q}的价钱
. {ap}和{bq}[一共|共|要|共花|需]{t}元，{cp}和{dq}[一共|共|要|共花|需]{u}元，
. [买|]{ap}和{bq}[要花|需要|要]{t}[元|块钱]，[买|]{cp}和{dq}[要花|需要|要]{u}[元|块钱]，
. {n}买了{ap}和{bq}，花了{t}元；{m}买了{cp}和{dq}，花了{u}元。
. 已知{ap}、{bq}共{t}元，{cp}、{dq}共{u}元，
? {p}和{q}的单价[各是多少|分别是多少|是多少]？
? [每{pc}{p}和每{qc}{q}各多少钱|一{pc}{p}和一{qc}{q}各多少元|{p}和{q}各多少钱]？
? 求{p}和{q}的单价。
> {p}每{pc}{x}元，{q}每{qc}{y}元。 / 一{pc}{p}{x}元，一{qc}{q}{y}元。 / {p}的单价是{x}元，{q}的单价是{y}元。
? [一|每]{pc}{p}[多少钱|多少元|几块钱]？
> 一{pc}{p}{x}元。 / 每{pc}{p}{x}元。
? [一|每]{qc}{q}[多少钱|多少元]？
> 一{qc}{q}{y}元。 / 每{qc}{q}{y}元。

@ 3 | price_difference | x+y={s};x=y+{d}
en
= the price of the {p1} | the price of the {q1}
. A {p1} and a {q1} cost {s} [together|in total|dollars together|in all]. The {p1} costs {d} more than the {q1}.
. A {p1} costs {d} [dollars |]more than a {q1}[, and together they cost|. Together they cost|. Both together are] {s}.
? How much [is each|does each cost|do they cost]?
> The {p1} costs {x} and the {q1} {y}. / {p1}: {x}, {q1}: {y}.
? How much is the {q1}?
? How much does the {q1} cost?
? What does the {q1} cost?
> The {q1} costs {y}. / It costs {y}.
? What does the {p1} cost?
> The {p1} costs {x}. / It costs {x}.
zh
= {p}的价钱 | {q}的价钱
. 一{pc}{p}和一{qc}{q}[一共|共|总共]{s}元，{p}比{q}贵{d}元，
. {p}比{q}贵{d}元，[买一{pc}{p}和一{qc}{q}共需|两样一共|合起来]{s}元，
? [各多少钱|它们各多少元|{p}和{q}各多少钱]？
> {p}{x}元，{q}{y}元。 / {p}要{x}元，{q}要{y}元。
? {q}多少钱？
> {q}{y}元。 / {q}要{y}元。
? {p}[多少钱|多少元]？
> {p}{x}元。 / {p}要{x}元。

@ 5 | change | {a}x+{b}={c}
en
= the price of one {p1}
. {ap} and a {b} dollar [bag|box|book|card] cost {c}[ dollars|] [together|in total|].
. {n} [buys|bought] {ap}, pays [with |]{c} [dollars |]and gets {b} [back|change|dollars back].
. [I bought|I buy] {ap} and paid {b} for shipping, {c} [in total|altogether].
. {n} [had|has] {c} dollars, [bought|buys] {ap} and has {b} [left|dollars left].
? [How much is one {p1}|What does one {p1} cost|What does each {p1} cost|What is the price of one {p1}|How much did each {p1} cost]?
? Find the price of [one|a] {p1}.
> One {p1} costs {x}. / Each {p1} costs {x}. / It is {x}.
zh
= 一{pc}{p}的价钱
. {n}买了{ap}，付了{c}元，找回{b}元，
. {n}有{c}元，买了{ap}，[还剩|剩下]{b}元，
. 买{ap}[加上|和]一个{b}元的[本子|袋子|盒子]，[一共|共]花了{c}元，
. 买{ap}，[运费|邮费]{b}元，[总共|一共]{c}元，
? [每|一]{pc}{p}[多少钱|多少元|几元|的价格是多少]？
? {p}的单价是多少？
> 每{pc}{p}{x}元。 / 一{pc}{p}{x}元。 / {p}的单价是{x}元。

@ 5 | rate | {b}+{a}x={c}
en
= the number asked for
* A taxi [costs|charges] {b} plus {a} per [km|mile|kilometer]. The ride cost {c}. How [far was it|many kilometers was it|long was the ride]?
* A plumber [charges|takes] ${b} plus ${a} an hour. The bill is ${c}. How many hours [did he work|is that]?
* {n} has {b} dollars and saves {a} [each|a|every|per] [week|month]. [After how many of them|When] will {n} have {c}?
* A gym [costs|charges] {b} to join and {a} a month. {n} paid {c}[ in total|]. How many months [was that|did {n} go]?
* A tank holds {b} liters and gains {a} liters a minute. After how many minutes does it hold {c}?
* A tree is {b} cm tall and grows {a} cm [a|per|each] year. After how many years is it {c} cm?
* A phone plan costs {b} plus {a} per GB. How many GB do I get for {c}?
* Renting a [bike|car|boat] costs {b} plus {a} per hour. I paid {c}. How many hours [was it|did I rent it]?
> It is {x}. / {x}. / The answer is {x}.
zh
= 所求的数
* 出租车起步价{b}元，[之后每公里|每公里]{a}元，[一共付了|共付|车费]{c}元，[走了多少公里|行驶了几公里|坐了多少公里]？
* {n}有{b}元，[每周|每月|每天]存{a}元，[多久以后有|存到]{c}元[|要多久]？
* 健身房入会费{b}元，每月{a}元，{n}一共交了{c}元，[去了|练了]几个月？
* 水箱里有{b}升水，每分钟注入{a}升，几分钟后有{c}升？
* 一棵树高{b}厘米，每年长{a}厘米，几年后高{c}厘米？
* 师傅上门费{b}元，每小时{a}元，[总共收了|一共]{c}元，[工作了|干了]几小时？
* 租[车|船|自行车]基本费{b}元，每小时{a}元，花了{c}元，租了几小时？
> 是{x}。 / {x}。 / 答案是{x}。

@ 4 | age_sum | x=y+{d};x+y={s}
en
= the age of {n} | the age of {m}
. {n} is {d} years older than {m}[ and together they are|. Together they are|. The sum of their ages is|, and their ages add up to] {s}.
. {n} and {m} are {s} years old together[. {n} is|, and {n} is] {d} years older[ than {m}|].
? How old [are they|is each|is each of them|are {n} and {m}]?
> {n} is {x} and {m} is {y}. / {n} is {x} years old, {m} is {y}.
? How old is {n}?
> {n} is {x}. / {n} is {x} years old.
? How old is {m}?
> {m} is {y}. / {m} is {y} years old.
zh
= {n}的年龄 | {m}的年龄
. {n}比{m}大{d}岁，[两人的年龄和是|两人年龄之和是|他们一共|两人加起来]{s}岁，
. {n}和{m}的年龄[和是|之和为|加起来是|一共是]{s}岁，{n}比{m}大{d}岁，
? [两人各多少岁|他们各几岁|两人分别多大|各多大]？
> {n}{x}岁，{m}{y}岁。 / {n}今年{x}岁，{m}今年{y}岁。
? {n}[今年|]多[大|少岁]？
> {n}今年{x}岁。 / {n}{x}岁。
? {m}[今年|]多[大|少岁]？
> {m}今年{y}岁。 / {m}{y}岁。

@ 4 | age_ratio | x={k}y;x+y={s}
en
= the age of {n} | the age of {m}
. {n} is {k} times as old as {m}[. Together they are|, and together they are|. The sum of their ages is] {s}.
. [A father|A mother|A grandmother] {n} is {k} times as old as [the child|little] {m}. Their ages add up to {s}.
? How old [are they|is each|are {n} and {m}]?
> {n} is {x} and {m} is {y}. / {n} is {x} years old, {m} is {y}.
? How old is {n}?
> {n} is {x}. / {n} is {x} years old.
? How old is {m}?
> {m} is {y}. / {m} is {y} years old.
zh
= {n}的年龄 | {m}的年龄
. {n}的年龄是{m}的{k}倍，[两人年龄和是|他们的年龄之和是|两人一共|加起来是]{s}岁，
. {n}和{m}的年龄一共是{s}岁，{n}的年龄是{m}的{k}倍，
? [两人各多少岁|他们各几岁|各多大]？
> {n}{x}岁，{m}{y}岁。 / {n}今年{x}岁，{m}今年{y}岁。
? {n}多[大|少岁]？
> {n}{x}岁。
? {m}[今年|]几岁？
> {m}{y}岁。 / {m}今年{y}岁。

@ 4 | age_later | {a}+x={k}({b}+x)
en
= the number of years
* {n} is {a} and {m} is {b}. In how many years will {n} be {k} times as old as {m}?
* A [father|mother|teacher] is {a} [years old |]and [the son|the daughter|a child] is {b}. [After|In] how many years will [the older one|the parent|the adult] be {k} times as old?
* {n} is {a} years old, {m} is {b} years old. When will {n} be {k} times as old as {m}?
> In {x} years. / That will be in {x} years. / After {x} years.
zh
= 年数
* [今年|]{n}{a}岁，{m}{b}岁，[几年后|多少年后|再过几年]{n}的年龄是{m}的{k}倍？
* [父亲|爸爸|妈妈|老师][今年|]{a}岁，[儿子|女儿|孩子|学生]{b}岁，[几年后|多少年后|再过多少年]前者的年龄是后者的{k}倍？
> {x}年后。 / 是{x}年后。 / 再过{x}年。

@ 2 | age_years | x={k}y;x+{d}={j}(y+{d})
en
= the age of {n} now | the age of {m} now
* {n} is {k} times as old as {m}. In {d} years {n} will be {j} times as old as {m}. How old are they[ now|]?
* Today {n} is {k} times as old as {m}; {d} years from now only {j} times. How old are [they|both]?
> {n} is {x} and {m} is {y}. / Now {n} is {x} and {m} is {y}.
zh
= {n}现在的年龄 | {m}现在的年龄
* [今年|现在]{n}的年龄是{m}的{k}倍，{d}年后{n}的年龄是{m}的{j}倍，[两人现在各多少岁|他们今年各几岁]？
* {n}[今年|]的年龄是{m}的{k}倍，再过{d}年是{m}的{j}倍，求两人[今年|现在]的年龄。
> {n}{x}岁，{m}{y}岁。 / 现在{n}{x}岁，{m}{y}岁。

@ 3 | trains | {a}x+{b}x={t}
en
= the number of hours
* Two [trains|cars|buses|cyclists] {t} [km|miles|kilometers] apart [drive|travel|move|go] towards each other at {a} and {b} [km/h|mph|km per hour]. [When do they meet|After how many hours do they meet|How many hours until they meet]?
* Two [cars|hikers|ships] start {t} km apart and move towards each other, one at {a} km/h, the other at {b} km/h. After how many hours do they meet?
* {n} and {m} [start|set off] from the same place in opposite directions at {a} and {b} km/h. After how many hours are they {t} km apart?
> After {x} hours. / They need {x} hours. / It takes {x} hours.
zh
= 小时数
* 甲乙两地相距{t}[千米|公里]，两车[同时|]相向而行，[速度分别是|时速分别为]{a}和{b}[千米每小时|公里|千米/时]，几小时后相遇？
* 甲、乙两[人|车]相距{t}千米，相向而行，甲每小时[行|走]{a}千米，乙每小时[行|走]{b}千米，[几小时相遇|多少小时后相遇|经过几小时相遇]？
* 两车从同一地点[背向|反向]而行，每小时分别行{a}千米和{b}千米，几小时后相距{t}千米？
> {x}小时后。 / {x}小时后相遇。 / 要{x}小时。

@ 2 | chase | {a}x={b}(x+{d})
en
= the number of hours
* {m} [leaves|starts] {d} hours [before|earlier than] {n} and goes {b} km/h. {n} follows at {a} km/h. After how many hours does {n} catch up?
* A slow train runs at {b} km/h. {d} hours later a fast train follows at {a} km/h. How many hours does it need to catch up?
> After {x} hours. / It takes {x} hours.
zh
= 追的小时数
* {m}先走{d}小时，每小时{b}千米，{n}再以每小时{a}千米去追，几小时追上？
* 慢车每小时{b}千米，先开{d}小时，快车每小时{a}千米从后面追，[几小时追上|多少小时能追上]？
> {x}小时后追上。 / 要{x}小时。

@ 2 | work | x/{a}+x/{b}=1
en
= the time together
* {n} [paints a room|mows a lawn|does a job|finishes the work] in {a} hours, {m} in {b}[ hours|]. How long do they need together?
* One pipe fills a [tank|pool] in {a} hours, another in {b}[ hours|]. How long do both [take|need] together?
* {n} needs {a} days for a job and {m} needs {b}. [In how many days|How fast] can they do it together?
> Together {x}. / It takes {x}. / They need {x}.
zh
= 合作的时间
* 一项工程，甲[单独做|独做|]要{a}天，乙[单独做|独做|]要{b}天，[两人合作几天完成|合作要几天|一起做几天完成]？
* 一个水池，甲管{a}小时注满，乙管{b}小时注满，两管[同时开|齐开]几小时注满？
> 要{x}。 / 合作要{x}。 / 需要{x}。

@ 3 | mixture | {a}x+{b}*{c}={t}(x+{c})
en
= the amount of the {a}% solution
* How [many liters|much] of a {a}% [salt |acid |alcohol |]solution must be [added to|mixed with] {c} [liters|litres|l] of a {b}% solution to get {t}%?
* I have {c} liters of {b}% [alcohol|acid|solution]. How much {a}% must I add to get {t}%?
* How much {a}% juice do I add to {c} liters of {b}% juice to make it {t}%?
> It takes {x} liters. / {x} liters. / You need {x} liters.
zh
= {a}%溶液的量
* 要[往|向]{c}克{b}%的[盐水|酒精|糖水]中加多少克{a}%的[盐水|溶液]，才能得到{t}%的[盐水|溶液]？
* 有{b}%的[溶液|盐水|酒精]{c}升，加多少{a}%的才能变成{t}%？
> 要加{x}。 / 需要{x}。

@ 3 | give_away | x+y={s};x-{d}=y+{d}
en
= how many {n} has | how many {m} has
* {n} and {m} have {s} {p} together. If {n} gives {m} {d}, both have the same number. How many does each have?
* Together {n} and {m} own {s} {p}. After {n} gives {d} to {m} they have equally many. How many did each have[ at first|]?
> {n} has {x} and {m} has {y}. / {n}: {x}, {m}: {y}.
zh
= {n}原有的数量 | {m}原有的数量
* {n}和{m}共有{s}{pc}{p}，{n}给{m}{d}{pc}后两人[一样多|同样多]，[两人原来各有多少{pc}|他们原来各有几{pc}]？
* 甲乙共有{s}{pc}{p}，甲给乙{d}{pc}后一样多，甲乙原来各[有|]多少{pc}？
> 分别有{x}{pc}和{y}{pc}。 / 原来分别是{x}和{y}。

@ 4 | sharing | {k}x+{b}={j}x-{c}
en
= the number of children
* [Each|If each] child gets {k} {p}, [then |]{b} are left over; [if each gets|with] {j}, {c} are missing. How many children are there?
* {p} are shared among children. With {k} each, {b} remain. With {j} each, {c} are short. How many children are there?
> There are {x} children. / {x} children.
zh
= 孩子的人数
* [把一些|一堆]{p}分给[小朋友|孩子们|学生]，每人{k}{pc}[多|剩|余]{b}{pc}，每人{j}{pc}[少|缺|差]{c}{pc}，[有多少个小朋友|一共有几个孩子|有多少人]？
* 分{p}，每人分{k}{pc}多{b}{pc}，每人分{j}{pc}少{c}{pc}，共有多少人？
> 有{x}人。 / 一共{x}人。
"""
