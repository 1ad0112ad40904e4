"""English signs of danger; the weights are those of domain/emergencies/chinese_body.py."""

from __future__ import annotations

from domain.emergencies.heard import Danger

SETS = {
    "one": "i/me/my/he/she/they/we/him/her/someone/somebody/man/woman/boy/girl/kid*/child/children/baby/son/daughter/mom/mum/mother/dad/father/husband/wife/grandma/grandpa/grandmother/grandfather/granny/grandad/granddad/nan/brother/sister/uncle/aunt/cousin/friend/neighbor*/neighbour*/worker*/people/person/old lady/old man/student*/passenger*/driver/guy/lady/toddler/roommate/teen*/nephew/niece/coworker/colleague/elderly/everyone/two of them/family/cyclist/rider/pedestrian/boyfriend/girlfriend/ex/victim/farmer/tourist*/classmate/landlord/anyone/stepdad/stepfather/parents",
    "water": "river/lake/pond/well/canal/pool/reservoir/ditch/sea/water/stream/creek/dam/harbour/harbor/septic*/ocean/ice/manhole/sewer/cesspit/weir/channel",
    "vehicle": "car*/truck*/bus/buses/van/motorbike*/motorcycle*/scooter*/bike*/lorry/lorries/tractor*/train/vehicle*/taxi/tricycle/moped/ebike/minibus/suv/trailer/tanker",
    "place": "house/home/kitchen/room/building/apartment/flat/shop/store/factory/barn/warehouse/roof/window*/stairwell/stairs/floor/car/truck/hill/forest/field/school/garage/attic/basement/upstairs/downstairs/next door/mountain/bedroom/balcony/curtain*/sofa/bed/stove/pan/oven/battery/workshop/shed/outlet/socket/transformer/hallway/corridor/haystack/temple/office/van/bus/wires/fence/bushes/trees/woods/dorm/hotel",
    "weapon": "knife/gun/axe/machete/cleaver/bat/stick*/pipe/hammer/weapon*/pistol/rifle/bottle/crowbar/blade/sword/iron bar/rod/rods/chair",
    "poison": "pesticide*/poison/bleach/weedkiller/weed killer/herbicide/paraquat/rat poison/detergent/drain cleaner/insecticide/acid/antifreeze/disinfectant/petrol/kerosene",
}
CLEAR: dict[Danger | None, str] = {
    #: Cries for help that do not say what happens.
    None: """
        call/need/send/get/please … police/cops/officer*/911/110
        police/cops … now/hurry/please/quick*/fast/asap/need/send/come
        help me/save me/somebody help/someone help/please help us/help us/help help/save us/come quick*/please hurry/hurry please/need help now/sos/mayday/this is an emergency … !/please/now/he/she/./,/is/my/i/there/someone/they/,he/hurry/im/am/we/a/the/in/at/to
        somebody help/someone help/help help/please hurry/save me/save us/need help right/come quickly/help us/rescue us
    """,
    Danger.MEDICAL: """
        {one}/dude/hes/shes & clutching/grabbing his throat/grabbing her throat/doesnt answer me/does not answer/wont answer/not answering me/doesnt react/wont react/no reaction/not reacting/puffed up/swelling/swollen/shaking/twitching/foam/drool*/grey/gray/blue/purple/pale/cold and/stiff/limp/slumped/on the floor/on the ground/face down/passed out/out of it/incoherent/confused/babbling/mouth is crooked/crooked/droop*/bent/wrong way/bone/hit his head/hit her head/hit my head/cracked/gushing/soaked in blood/blood/bleeding/cant wake/wont get up/cant get up/not getting up/not waking/cant see/gurgling/throat/chest/burning up/talking nonsense/convulsing/jerking/vomiting/sweating & eating/ate/fell/sitting/now/been/is/on/and/so/cant/wont/help/minutes/since/suddenly/just/keeps/all/still/please/was
        pregnant/months/weeks along & blood/bleeding/contractions/water/pain/cramp*/fainted/fell
        peanut*/bee*/wasp*/shrimp/nuts/medicine/shot/seafood/milk & puffed/swelling/swollen/hives/throat/cant breathe/blue/lips/face & now/whole/his/her/my
        cant breathe/cant breath/cant move/cant feel/cant get up/not breathing/wont wake/wont stop bleeding/heart attack/cardiac/seizure/unconscious/stroke/choking
        collaps*/passed out/pass out/passing out/unconscious/unresponsive/fainted/blacked out/lost consciousness/not responding/isnt responding/wont respond/doesnt respond/not responsive/no response/wont wake/not waking/cant wake/cannot wake/doesnt wake/didnt wake/isnt waking/out cold/not conscious/keeled over/dropped to the/slumped/not moving/isnt moving/wont move/stopped moving/lying motionless/motionless/limp
        isnt breathing/not breathing/stopped breathing/cant breathe/cannot breathe/cant breath/can not breathe/barely breathing/hardly breathe/hardly breathing/struggling to breathe/trouble breathing/difficulty breathing/no pulse/no heartbeat/gasping/short of breath/cant get air/cant catch/breathing is/breathing weird/breathing funny/struggling for/barely breath*/hard to breathe/breathing stopped/wheezing/turning blue/turned blue/going blue/lips are/lips blue/blue lips/gone blue/heart stopped
        heart attack/stroke/seizure/seizing/convuls*/foaming/epilep*/having a fit/choking/choked/cardiac arrest/anaphyla*/overdos*/heatstroke/heat stroke/hypoglyc*/aneurysm/shaking uncontroll*/fitting on … right now/having/now/help/hurry/please/think/my/he/she/on/something/has/is/and/a/cant/in/food
        having/had/has/think/is/maybe/suffer* … heart attack/stroke/seizure/convuls*/chok*/asthma attack/allergic reaction/miscarriage/contractions
        chest … pain/hurts/tight*/crushing/pressure/aching/killing/hurting/stabbing/heavy
        pain … chest/left arm/down his arm/down my arm
        face … droop*/numb/drooping
        half/one side/left side/right side/arm … numb/paraly*/cant move/droop*/wont move/weak
        slurr*/cant speak/cant talk/speech is/talking nonsense/making no sense/not making sense
        cut/slashed/gashed/sliced/nicked/slit … spurting/gushing/squirting/pumping out/pouring
        bleeding … badly/heavily/a lot/wont stop/not stopping/everywhere/out/from/head/to death/profusely/help/so much/and/cant/heavy
        blood … everywhere/all over/spurting/pouring/lots/gushing/coming out/on the floor/wont/so much/a lot/pool/face/cough*/vomit*/from/fast
        lots of/a lot of/so much/losing/lost/pool of/cough* up/vomit* /throwing up/covered in/too much/spitting/puking … blood
        {one} … fell/fallen/slipped/tripped … stairs/roof/ladder/scaffold*/tree/cant get up/cant move/head/window/hurt/broke*/balcony/bleeding/floor/bathroom/shower/hip/not/hit/unconscious/hole/cliff/height/bike/horse/pit
        fell/fallen/jumped/dropped … from the/off the/off a/out of the/out of a/off his/down the/into a hole/into the pit … stairs/roof/ladder/scaffold*/tree/window/balcony/floor/cliff/building/crane/bridge/horse/shaft/truck/steps/wall
        broke/broken/shattered/crushed/severed/cut off/sliced/chopped/amputat*/caught in/trapped in/stuck in/ripped/sawed/bone is/bones … leg/arm/hip/neck/finger*/hand/foot/bone/back/skull/toe*/machine/thumb/sticking out/showing
        finger*/hand/arm/leg/foot/hair … cut off/sliced off/chopped off/caught in/stuck in/crushed/machine/severed/ripped/saw
        water broke/waters broke/going into labor/going into labour/in labor/in labour/baby is coming/baby coming/giving birth/about to give birth/contractions/head is out/crowning/having the baby
        pregnant … bleed*/fell/pain/collaps*/blood/faint*/contraction*
        swallow*/drank/ate/ingested/got into … pills/battery/bleach/poison*/coin/magnet*/detergent/mushroom*/tablets/medicine/medication/cleaner/chemical*/rat/glass/berries/weed killer/acid
        snake … bit/bite/bitten
        bitten by/bit by/stung by/sting/stings/stung … snake/swell*/swollen/throat/hives/allerg*/breath*/many/dozens/face/wasps/hornets/bees
        throat/tongue/face/lips … swelling/swollen/closing/swell
        cant get up/cannot get up/cant stand up/cant move/cant feel/unable to move/cant stand … fell/leg*/floor/pain/help/fallen/alone/bathroom/back/please/hip/he/she
        fell … cant get up/cant move/cannot get up/not moving/wont get up
        burned/burnt/scald*/burns/boiling/hot oil/hot water/electric shock … face/arm/hand/skin/body/child/kid/baby/badly/leg*/chest/all over/him/her/severe*
        lying/laying/lies/on the … ground/floor/pavement/road/sidewalk/street/bathroom/grass/track/snow/field … not/unconscious/blood/bleeding/respond*/wont/still/moving/cold/answer*/help/hurt
        man/woman/guy/someone/person/boy/girl/grandpa/grandma/old … lying/laying/on the ground/on the floor/down on … not/unconscious/blood/wont/respond*/still/moving/street/road/ground/floor/bench/tracks/track
        call/need/send/get/want/where is/wheres/wheres the/please … ambulance/paramedic*/a doctor/medic/doctor now/medical help/first aid/911/120
        ambulance … please/now/hurry/quick*/fast/here/asap/needed/urgent*/to
        dying/going to die/gonna die/might die/will die/about to die/is dead/may die/not gonna make it/wont make it/close to death
        high fever/fever … convuls*/seizure/shaking/40/41/limp/wont wake/fit/stiff/not respond*
        blood sugar/insulin/diabetic … low/unconscious/passed/shak*/wont/not
        sweating/vomiting/throwing up/numb/confused/dizzy/pale/grey … chest/breath*/faint*/collaps*/pain/passed/arm/wont/cant/and now/blood/stop
        stabbing pain/severe pain/unbearable pain/terrible pain/excruciating/worst headache/sudden headache/thunderclap
        eyes rolled/eyes are rolling/rolled back/twitching/shaking all over/body is shaking/jerking
        impaled/gored/trampled/kicked by/mauled/attacked by a dog/dog attack*/bitten by a dog/pierced/nail through/rod through
    """,
    Danger.FIRE: """
        fire/flames/smoke/burning/burnt smell/sparks/sparking/spark/caught/lit up/orange glow/ablaze/blazing & house*/roof/curtain*/window*/kitchen/door/stairs/hallway/floor/building/neighbour*/neighbor*/field/grass/forest/barn/shop/stall/market/car/bed/sofa/wires/box/outlet/socket/room/wall/attic/garage/factory/school/tree*/hill/warehouse/truck & out/coming/spreading/so much/everywhere/big/cant/stuck/inside/toward*/now/help/up/started/there/people/fast/hurry/from/full of/black/thick/still/my/our/the
        stuck/trapped/cant get out/cant breathe & smoke/fire/flames
        exploded/explosion/blew up/boom & stall/house/factory/kitchen/canister/cylinder/tank/shop/fire/people/hurt/windows/truck/building
        on fire/in flames/caught fire/catching fire/catch fire/set fire/set on fire/burning down/burning up/engulfed/up in flames/ablaze/started a fire/spreading/wildfire/flames/blaze/fire fire/burning alive/is burning/are burning/in fire/flaming/went up in
        fire … in the/in my/in our/at the/in a/on the/next door/spreading/help/started/out of control/getting bigger/big/coming/getting/upstairs/downstairs/now/hurry/cant/near/trapped/everywhere/brigade please/broke out/huge/behind/fast/growing/toward*
        theres a/there is a/theres/there is/big/huge/a/our/grass/forest/kitchen/house/electrical/brush/see/started a/grease … fire
        {place} … burning/fire/flames/smoke/smoking/exploded/explosion/blew up/sparks/sparking/burst into/ablaze
        smoke … pouring/coming/everywhere/filling/thick/black/room/window*/cant see/cant breathe/stairs/stairwell/building/roof/door/from/hallway/floor/billow*/out of/under/all over/so much/trapped
        thick/black/lots of/so much/heavy/smell/see/seeing … smoke
        smell … burning/smoke
        explosion/exploded/explode/blew up/blown up/blast/bomb … hurt/factory/house/fire/people/injur*/just/loud/heard/huge/there/in/at/near/help/and/next/now
        fire department/fire brigade/firefighters/fire truck/fire engine/firemen … now/please/quick*/send/need/call/hurry/come
        send/need/call/get … fire department/fire brigade/firefighters/fire truck/fire engine/firemen
        arson/setting fire/poured gasoline/poured petrol/throwing petrol/molotov/trying to burn/lit the house/pouring gas*
        battery/scooter/phone/charger/bike … smoking/flames/exploded/caught/fire/swelling/hissing/burning
    """,
    Danger.VIOLENCE: """
        no calls/dont call/do not call/please dont call/no phone … next room/hear/hears/here/tonight/kill/at the door/he is/hes
        broke into/breaking into/break in/forced their way/climbed in/climbing in/climbed over/smashed the/kicking the/kicked the/banging/pounding & house/shop/door/window/home/my/still inside/room/store/flat/apartment/now/fence
        drunk/angry/high/crazy/violent/mad/stepdad/husband/ex/boyfriend/father/dad/man & throwing things/throwing stuff/hurt the kids/hurt the/hurt us/hurt me/hurt her/smash*/broke the door/has a knife/has a gun/yelling and/screaming and/beating/hit/choke*/at the door/outside my/wont leave/wont let/grabbed/drag*/punch*/kick*/pushed/pulled my hair/threat*/kill/burn & mom/mum/me/us/kids/her/him/door/saying/says/said/my/please/now/help/scared/again
        dont call/do not call/cant talk/cant speak/be quiet/silent/whisper*/text only/he will hear/he can hear/theyll hear/hell hear/hear me & come/please/hiding/he/send/help/police/here
        jumped/ganged up/cornered/surrounded/beat/beating/attack*/robbed/mugged/stabbed/shot & my/me/him/her/guys/men/they/some/boys/gang/us/brother/friend/kid/man/woman
        grab*/drag*/pull*/push*/force*/shov* & girl/woman/kid/child/me/her/arm/hair/car/van/bushes/alley/wont let
        follow* & me/us/man/guy/home/car/behind/walking/dark/scared/he
        knife/gun/machete/axe/bat/hammer & {one}/outside/door/street/people/waving/chasing/threat*/at me/he has/hes got/with a
        being/getting & attacked/beaten/robbed/raped/assaulted/stalked/chased/threatened/hurt/held/kidnapped/strangled
        hitting/beating/beats/punching/kicking/choking/strangl*/attacking/attacked/attack/assault*/slapping/stabb*/hurting/threatening/punched/beat up/beaten up/shooting/shot at/shot/molest*/raped/rape/raping/groped/groping/touching me/dragging/dragged/whipping/slashed/slashing/abusing/smashing/pinned … me/my/her/him/them/us/someone/mom/mum/wife/kid*/child/people/boy/girl/man/woman/each other/a/by/the/hair/teacher/one/everyone
        {one} … hitting/beating/punching/kicking/choking/strangl*/attacking/attacked/assault*/stabb*/hurting/punched/beat up/beaten/shooting/shot/raped/slashed/smashing
        beats/hits/hit/beat/hurt*/choke*/abuse*/punch* … me/my mom/my mum/my mother/her/wife/my sister/my brother … again/now/bleeding/help/every/drunk/scared/hiding/locked/and/with/so/head
        {weapon} … chasing/threaten*/coming/attack*/outside/door/swing*/waving/point*/people/me/my/him/her/everyone/throat/neck
        has a/have a/holding a/got a/with a/waving a/pulled a/swinging a/pointing a/carrying a/with an/has an/having a/grabbed a/pulled out a/armed with/takes a/took a/with … {weapon}
        break* into/breaking in/break in/broke in/broken into/breaking down/kicked in/kicking the door/kicking my door/kicking down/banging on/pounding on/smashing the/smash* my/climbing through/climbing in/climbing over/trying to get in/trying to open/forcing the/prying/intruder/burglar*/robber*/prowler/trespass*/someone in my house/somebody in my house/inside my house/in my house/man in my/stranger in/picking the lock/entered my/got into my house/someone is in/somebody is in/someone is downstairs/footsteps
        rob/robbed/robbing/mugged/mugging/robbery/hold up/holdup/held up/held at/snatch*/carjack*/steal*/stole … me/my/bank/store/bag/purse/at/gun/knife/just/now/shop/us/phone/her/necklace/chain/baby
        kidnap*/abduct*/hostage/taken by force/tied up/tied me/held against/wont let me leave/wont let me go/wont let us/locked me/locked in/locked up/locked us/holding me/keeping me/trapped me/took my phone/cant leave/not letting/grabbed a girl/grabbed a/grabbed my/grabbed me/pulled into a/forced into/dragged into/put her in a van/into a van/trafficking
        follow* me/following us/being followed/stalk*/chasing me/chasing us/chasing him/chasing her/chasing/chased/cornered/wont stop following/surrounded/surrounding/waiting outside/follows me
        kill me/kill him/kill her/kill us/kill you/kill my/kill them/kill every*/gonna kill/going to kill/will kill/wants to kill/trying to kill/tried to kill/murder*/killed/burn us/slit my/dead tonight/cut my throat … he/she/they/said/says/tonight/outside/knife/just/me/my/someone/her/him/us/threat*/now/a/family/help/here/in
        {one} … kill me/kill him/kill her/kill us/kill my/kill them/kill everyone/murder
        gunshot*/gun fire/gunfire/shots fired/shooting/shooter/stabbing/stabbed/machete/fight with/knife fight/big fight/huge fight/brawl/riot/mob/gang/fist fight/fistfight/people fighting/fighting outside/fighting in/are fighting/men fighting/street fight/fighting with
        domestic violence/domestic abuse/violent/screaming for/screams/screaming/screamed/crying for help/shouting for help/yelling for help/calling for help/begging … help/now/next/neighbor*/neighbour*/husband/wife/woman/outside/him/is/out/again
        hiding/locked myself/hide/hid … bathroom/closet/room/bed/husband/he/him/they/door/wardrobe/toilet/basement/from/under/upstairs
        threw/throwing/poured/sprayed … acid/bottle/brick*/rocks/chair/boiling/gasoline/petrol/pepper … at/on/me/my/her/him
        acid attack/hurt us/hurt me/hurt my/hurt her/hurts me/hits me/hit me/beats me/beat me/beats my/slapped me/he hit/pushed me down/threw me/pushed me/pushed her
    """,
    Danger.WATER: """
        boat/ferry/raft/kayak/canoe/dinghy … flipped/capsized/sinking/sank/tipped/overturned/taking on water/went over/went down
        under it/under the boat/under water/under the ice/in the rapids/in the current/floating face & boat/river/lake/canal/he/she/we/kid*/man/ice/pool
        {water}/bank/current/waves/tide/flood/boat/raft & girl in the/boy in the/kid in the/child in the/man in the/woman in the/people in the/someone in the/somebody in the/person in the/slipped/fell/jumped/swept/took him/took her/carried/went in/went under/under/drown*/floating/struggling/cant see him/cant see her/come back up/came up/not come/screaming/crying for/flipped/capsized/only see/went through/through the ice/sinking/dragged/disappeared & {one}/two/car
        {one} … fell in/went in/jumped in/slipped in … to save/trying to/after his/after her/after the/after a/to get/to rescue
        jumped in/dived in/went in/fell in/slipped in/went swimming/swimming & come up/back up/cant see/hasnt/didnt/gone/not come/disappear*/never/under
        drown*
        fell/fall/fallen/falling/slipped/jumped/slid/stuck/went/drove/swept/pulled/washed/lying/floating/body/plunged/rolled/tumbled/stepped/crashed/trapped/carried … {water}
        {water} … fell/swept/under/floating/struggling/drown*/body/cant swim/not moving/screaming/face down/carried/sinking/help/somebody/someone is/pulled/trapped
        swept away/went under/pulled under/didnt come up/didnt come back up/hasnt come up/never came up/not come up/cant swim/cannot swim/sank/sinking/went down and/dragged by/washed away/carried away/face down/head under/under water/underwater/gone under/rip current/riptide/caught in the current/keep* going under/came up/out of her depth/out of his depth/sucked under/swallowed by
        boat/ferry/raft/canoe/kayak/ship … capsiz*/sink*/sank/overturn*/flipped/tipped/turned over/water
        {vehicle} … river/canal/lake/pond/into the water/reservoir/ditch full/sinking
        fell through/broke through/cracked … ice
        stranded/stuck/cut off … river/tide/island/rock*/water rising/sandbar
        swimming/swam/bathing/fishing/diving … gone/disappear*/under/didnt/hasnt/cramp/vanished/cant see/help/missing/not come/clothes/shoes/lost
    """,
    Danger.MISSING: """
        lost/cant find/lost sight of … year old/yr old/my 3/my 4/my 5/my 6/my kid/my boy/my girl/my little
        search party/rescue team/search team … needed/need/please/now/quick
        boys/girls/kids/hikers/children/two men/three men/my dad/my mom/grandpa/grandma/climbers & went in/went into/went up/wandered/walked out/left & forest/mountain*/woods/cave/hill/trail/bamboo/barefoot/this morning/at noon/at dawn & not back/never came back/still not/past/raining/storm/snow/dark/no answer/phone off/phones off/gone/night/4am
        picked up/took/led away/walked off with/grabbed … my son/my daughter/my kid/my child/my baby/my boy/my girl/my grand* … kindergarten/school/stroller/didnt send/did not send/stranger/ran/and left/van/who/anyone
        stranger/unknown man/unknown woman/some woman/some man/a woman/a man … picked up/took/walked off with/led away … son/daughter/child/kid*/baby/boy/girl/grand*
        supposed to be home/should be home/should have been home/was due/never got there/never got home/never arrived/never reached/nobody knows where/no one knows where/no one has seen/nobody has seen/no one saw/dont know where … {one}/he/she/is/since/are/now/./,
        left at/went out at/walked out at/left school/got off/left work & its/it is/still/now/not/hours/never & {one}/he/she & home/now/eight/nine/ten/eleven/midnight/dark/seen/back
        {one}/hiker*/tourist*/student*/picker*/camper*/climber* … overdue/unaccounted for/not answer*/did not come/has not come/never arrived/never turned up/has not arrived/hasnt arrived/no trace/not in the yard/not in her room/not in his room/not in bed/nowhere/not come home/wont come home/has not answered/cant be reached
        room is empty/bed is empty/crib is empty/stroller is empty/yard is empty/boat is empty/gate is open/door is open & {one}/toddler/gone/not in/cant find/hours/looked
        turned around/looked away/let go of/lost sight/a minute ago/minutes ago/hours ago/since yesterday/since this morning/since last night/since noon/all night/at dawn & gone/vanished/disappeared/not there/not here/wasnt there/missing/not back/no sign/cant find/isnt back/didnt return/nobody has seen
        does not know/doesnt know/cant remember/cannot remember/forgot … her name/his name/where she lives/where he lives/the way home/her address/his address/who she is/who he is
        met online/from the internet/from a game/from an app/stranger/strange man/strange woman/unknown man/unknown woman & ran away/run away/left with/went with/took/got in/gone/meet/led/picked up
        {one} & gone/missing/disappeared/vanished/hasnt come/didnt come/not come home/not home/never came/lost/wandered/cant find/not back/hasnt come back/hasnt returned/ran off/taken/snatched/separated/not at school & playground/market/store/mall/park/school/since/hours/hour/minute*/now/dark/past/night/morning/phone/forgets/memory/dementia/alone/years old/six/five/seven/four/three/eight/ten/hill/fog/woods/mountain/usually/always/never does/everywhere/police/worried/looked/searched/please/help/stranger/car
        separated/got lost/were lost/lost our way/lost the trail/cant find our way/cant find the way/cant find the others & fog/hill/mountain/woods/forest/dark/snow/battery/cold/trail/rain/two/others
        {one} … missing/disappeared/vanished/lost/wandered off/wandered/ran away/run away/gone since/hasnt come/has not come/didnt come home/never came/not home/isnt home/hasnt returned/never returned/didnt return/has been gone/havent heard/not answering/phone is off/unreachable/nowhere to be/not back/hasnt been seen/not come back/gone for hours/is gone/hasnt been home/never made it/didnt make it home/walked out/went out and/snuck out/separated from/left home/never showed/got lost/been taken/cant be found/not at school/isnt answering/hasnt shown/went missing/is not here/wont pick up
        cant find/cannot find/lost/looking for/lost sight/lost track/havent seen/have not seen/cant locate/cant reach/no sign of/unable to find/couldnt find/seen … {one}
        took/taken/taking/grabbed/stole/snatched/picked up/walked off with/left with/lured/leading/carried off/drove off with/kidnapped/led … my baby/my son/my daughter/my kid*/my child/a kid/a child/the baby/little girl/little boy/the kid/our baby/our son/our daughter/my niece/my nephew/my grand*/the girl/her baby/child/a baby/girl away/boy away
        missing … child/girl/boy/person/son/daughter/since/grand*/man/woman/kid/old/elderly/teen*/baby/hours/toddler/mother/father/hiker*
        dementia/alzheimer*/autis*/mentally … missing/wandered/gone/lost/left/cant find/out alone/disappear*/walked/not home/hasnt
        lost/stuck/stranded … mountain*/forest/woods/hills/dark/trail/hiking/phone dying/cave/jungle/fog
        hiking/hike/trail/mountain*/woods … lost/missing/not back/havent/hasnt/stuck/gone/overdue
        left a note/gone all night/not been home/never came home/didnt come back/hasnt come back/has not returned/didnt get home/not returned/hasnt come home/gone missing
    """,
    Danger.SUICIDE: """
        bridge/roof*/ledge/tracks/balcony/railing/cliff/window sill/edge/rooftop & i dont see/no point/a point/end it/jump/bye/goodbye/sorry/done/over/alone/tired/crying/sitting/standing/wont come down/die/goodbye/cant do/climbed/legs/note/leave me
        end tonight/it to end/want it to stop/want it all to/want to disappear/dont see a point/no point anymore/cant keep going/have no reason/everyone would be better/be better without me/no one would miss/nobody would miss/not be here tomorrow/wont be here tomorrow/last message/last time you/its my last/forgive me/im done with/i give up/i am done/i have a plan/wrote a note/wrote letters/sleep forever/never wake up
        locked/locks & pills/knife/rope/razor/bathroom/gas/note/bottle/herself/himself & wont/not/she/he/sister/brother/crying/open
        {poison}/pills/tablets & drank/took/swallow*/downed/ate/bottle & {one}
        texted/message/posted/called/left & goodbye/bye forever/sorry for everything/take care of/last words/suicide note/a note/letter & off/answer*/gone/phone/picking/reply*/find/cant
        kill* myself/kill* himself/kill* herself/kill* themsel*/suicid*/end my life/end his life/end her life/end it all/take my life/took his life/take her own/take his own/take my own/ending it/ending my life/end it tonight/end things/ending everything/hurt myself/harm myself/harming myself/hurting herself/hurting himself/hurt herself/hurt himself/cut myself/cutting myself/cutting herself/cutting himself/self harm/end everything
        dont want to live/not want to live/want to die/wants to die/wanna die/no reason to live/better off dead/better off without/wish i was dead/wish i were dead/cant go on/cannot go on/cant live anymore/cant do this anymore/nothing to live/dont want to be here/dont want to wake/dont want to exist/going to die tonight/tired of living/done with life/rather be dead/not worth living/ready to die/dont wanna live/no point in living/no point living/give up on life/life is over/sick of living/dont want to go on/tired of being alive/not want to be alive/dont want to be alive/end the pain/disappear forever/stop existing/doesnt want to live/rather die/cant take it anymore/see no way out
        drank/drink/drinking/swallowed/took/taken/ate/drunk/downed … {poison}
        {poison} … drank/drinking/swallowed/took/empty/drunk
        took/taken/swallowed/taking/downed/ate … all the pills/all her pills/all his pills/all my pills/bottle of/sleeping pills/whole bottle/too many pills/pills/overdose/lots of pills/a handful/whole pack/sedatives/all the medicine/tablets/all her meds/all my meds/all his meds/whole box
        jump*/leap … off the/off a/bridge/roof/building/window/balcony/ledge/train/from the
        standing on/sitting on/climbed onto/climbed over/climbed on/on the edge/on the ledge/over the railing/over the rail/on top of/outside the railing/ledge of … edge/roof*/ledge/bridge/railing/window*/building/balcony/tower/tracks/rail
        goodbye/suicide/farewell/last/goodbye text … note/letter/message/forever/text/to everyone/world
        hang* himself/hang* herself/hang* myself/hanged/hung himself/hung herself/noose/rope around/tied a rope/have the rope/hanging from/with a rope/rope … neck/tree/beam/ready/ceiling/./,/in/from/bedroom/,/and/fan/rafters/around/now
        hang* himself/hang* herself/hang* myself/hung himself/hung herself
        cut her wrist*/cut his wrist*/cut my wrist*/slit her/slit his/slit my/slashed her wrist*/slashed his wrist*/slashed my/cutting her wrist*/cutting his wrist*/wrist*/cuts herself … wrist*/bleeding/blood/cut/and/,/.
        cut her wrist*/cut his wrist*/cut my wrist*/slit her wrist*/slit his wrist*/slit my wrist*
        say* goodbye/saying goodbye/said goodbye/giving away/take care of my/look after my … not answering/die/gone/phone off/dead/kids when/cat when/when im/forever/after im/dog when/mother when
    """,
    Danger.GAS: """
        everyone/all of us/we all/whole family/people/kids/both & headache*/dizzy/nauseous/sick/vomit*/faint*/sleepy/passing out/passed out/throwing up/cough* & heater/room/stove/smell/factory/fumes/water/food/generator/charcoal/from/smoke/lab/gas/boiler/fireplace
        rotten egg*/gas smell/smell of gas/smell gas/chemical smell/weird smell/strange smell/strong smell/fumes/hissing/ammonia/chlorine & building/house/kitchen/strong/dizzy/whole/eyes/hall/everywhere/room/basement/street/sick/pipe/cylinder/cant/cough*/all over/neighbor*/getting
        grabbed/touched/holding/stuck to/hit & cable/wire/live/electric*/power line/socket/plug/pole & cant let go/let go/shaking/unconscious/thrown/not moving/he/she/my/burn*/fell/stuck/down
        wire/cable/power line/line & fell/down/hanging/sparking/snapped/loose/in the puddle/in the water & kids/people/road/street/dog is dead/puddle/water/spark*/live/near/yard/car/ground/buzzing
        pit/tank/manhole/well/silo/cellar/septic/sewer & went down/went in/climbed in/cleaning/inside/fell in & answer*/respond*/unconscious/quiet/no sound/not coming/collapsed/passed
        smell/smells/leak/leaking/smelling/reek*/hissing/odor/stink* … gas
        gas/propane/lpg/ammonia/chlorine/chemical*/carbon monoxide/natural gas/methane/fumes … leak*/smell*/hiss*/dizzy/escap*/everywhere/poison*/alarm*/faint*/passed/broke*/burst/cough*/spill*/cloud/unconscious/sick/headache/strong/ruptur*/kitchen/cant/turn off/wont turn
        carbon monoxide/co alarm/co detector/co poisoning … dizzy/unconscious/alarm/beep*/wont/headache*/sick/going off/passed/faint/going
        electrocut*/electric shock/electrical shock/shocked by/got shocked/live wire/touched a wire/touched the wire/getting shocked/stuck to the wire/high voltage/zapped
        power line*/wire*/cable*/power pole/utility pole/transformer/power lines … down/spark*/fell/fallen/snapped/on the road/on the ground/water/touch*/live/hanging low/burning/on top of/across/car/puddle/explod*/near kids/kids
        tank/manhole/sewer/pit/cellar/well/septic*/silo/hold … not answering/dont answer/passed out/unconscious/collapsed/doesnt answer/not respond*/no response/faint*/stopped answering/didnt come/cant get out/wont answer/fumes/isnt answering/not come
        poison*/fumes/toxic/tear gas/spray*/pesticide … cough*/vomit*/dizzy/passed/collaps*/faint*/cant breathe/unconscious/sick/eyes/throw*/people/all of us/foam*/choking/wont
        several/everyone/all of us/whole family/both of us/kids … dizzy/vomit*/throwing up/headache*/faint*/sick/passed out/collapsed/nauseous … gas/heater/stove/water/after/at the/food/charcoal/smell/from/and
        heater/charcoal/coal/stove/generator/brazier/boiler … dizzy/headache/passed out/unconscious/faint*/cant wake/wont wake/sick/nauseous/sleepy/vomit*/woozy
        food poisoning/poisoned/drank the water … people/all/vomit*/sick/hospital/kids/family/unconscious
    """,
    Danger.TRAFFIC: """
        {vehicle} … upside down/over the cliff/off the cliff/in a ditch/in the ditch/in the river/in a rice field/flipped/overturned/rolled/on its side/on its roof/under a/into a wall/into the crowd
        brakes/brake … gone/failed/not working/dont work/wont work/dead/broke
        no brakes/brakes gone/lost the brakes
        car/truck/lorry/bus/van/driver/bike/motorbike/scooter/tractor/cyclist/train/vehicle & hit/crash*/overturned/turned over/flipped/upside down/rolled/ran over/run over/plow*/plough*/slammed/smashed/ditch/collided/knocked/skidded/pole/went off/fell off/drove into/crushed/pinned & {one}/crying/under it/someone/kids/market/crowd/trapped/inside/bleeding/not moving/not talking/blood/hurt/people/road/hear/help/dead/leg/crossing/board/stuck
        {one} … got run over/was run over/been run over/run over by/got knocked down/was knocked down
        got hit/was hit/been hit/got run over/got knocked & street/crossing/road/car/truck/talking/moving/leg/head/bike/crosswalk/by a
        car accident/car crash/traffic accident/road accident/bad accident/terrible accident/serious accident/motorcycle accident/bike accident/pileup/pile up/head on/collision/car wreck/bad crash/huge crash/big crash/bus crash/had an accident/accident on/accident at/accident near/been an accident/hit and run/crash on/crash at/crash near
        {vehicle} … hit/crashed/crash/flipped/rolled/overturned/collid*/ran over/struck/smashed/knocked/went off/drove into/slammed/upside down/skid*/plowed/ploughed/fell off/off the road/off the bridge/into a tree/into the/turned over/wrecked/lost control/tipped/plunged/swerved/hanging off/rammed/ran into … {one}/people/ditch/road/pole/tree/trapped/inside/blood/wall/bridge/hurt/injur*/head/cliff/each other/stuck/not/bleeding/unconscious/bus/truck/car/dead/another/crowd/kids/wont/help/cant/moving/ravine/river/fence/lane
        run over/ran over/hit by/struck by/knocked down/knocked over/got hit/been hit/was hit/were hit/runover/dragged by/crushed by/pinned under/pinned between/thrown from/trapped under/stuck under/under the/flew off … {vehicle}/leg/bleeding/road/ground/he/she/driver/kid/old/train/i/me/my/head
        trapped/stuck/pinned/crushed … car/truck/bus/vehicle/under/seat/wheel/inside/tractor/cab/wreck*/van
        two cars/three cars/cars/trucks/several cars/bikes/bus and/vehicles … collid*/crash*/accident/hit/smashed/pileup
        motorbike*/motorcycle*/scooter*/bike/bicycle/rider/cyclist/moped/ebike … crash*/down/hit/fell/not moving/bleeding/hurt/thrown/slid/unconscious/wiped/flew/lying
        driver/rider/passenger … unconscious/bleeding/trapped/not moving/injur*/hurt/dead/stuck/fled/drove off/not responding/passed out/wont wake/isnt moving/drunk
        hit/struck … a kid/a child/an old/a man/a woman/a boy/a girl/a pedestrian/a person/someone/grandma/grandpa/my son/my daughter/a cyclist/my mom/my dad/my mum/my friend/an elderly/two people/a student/some kids … car/truck/bus/drove/driver/road/bike/crossing/van/street/and/left/run/motorbike/scooter
        {vehicle} … hit … {one}
    """,
    Danger.COLLAPSE: """
        roof/ceiling/wall/house/building/hillside/hill/mountain/cliff/trench/tunnel/bridge/floor/scaffold*/dam/bank/crane/tree/mine/balcony/stairs/shelf & came down/come down/coming down/sliding/slid/fell on/fell in/falling on/falling down/collapsed/caved/gave way/buried/burst/cracking/crumbling/crashed down/dropped/tipped over/broke & us/people/houses/worker*/kids/someone/man/woman/inside/under/trapped/rooftop*/hurt/car/my/toward*/village/him/her/students/family/now
        water/river/flood/mud & rooftop*/on the roof/trapped/rising/waist/chest/neck/knee*/cant get out/upstairs/into the house/in the house/swept/coming in/burst/fast/stranded
        elevator/lift & stuck/trapped/fell/dropped/jammed/fainting/between floors/cant get out/not opening & we/were/lady/people/inside/someone/kids/me/us/help/in
        {place}/wall/bridge/tunnel/mine/ceiling/scaffold*/dam/part of the/crane/balcony/stand/bleachers/trench/shed/hillside/slope/levee/stage/pole/billboard/sign/classroom/elevator/lift/rocks/boulder*/floor … collaps*/caved/came down/fell on/gave way/buried/crumbl*/fell down/trapped/fallen on/broke/burst/breach*/crush*/dropped/falling/fell in/caving/plunged
        collaps* … people/inside/trapped/on/under/buried/help/workers/kids/with/someone/house/roof/building/bridge/wall/tunnel/mine
        landslide/mudslide/mud slide/rockslide/rock slide/avalanche/earthquake/flash flood/flooding/flood/tsunami/dam burst/mud … buried/coming/trapped/house*/people/stuck/help/road/rising/now/inside/hit/village/waist/neck/chest/swept/coming down/out of/hurt/roof/cant/fast/destroyed/water/missing/family
        water … rising/rushing/waist/chest/neck/knee*/flooding/second floor/coming in/coming into/pouring/inside/up to/over the/fast/cars/roof
        trapped/stuck/stranded/buried/cut off … flood*/roof/water/rubble/under/inside/elevator/lift/basement/building/house/debris/attic/mud/mine/earthquake/tunnel/upstairs/second floor
        flood/flooded/flooding/rising water … trapped/stuck/stranded/cant get out/roof/on the roof/help/upstairs/kids/elderly/cant leave/swept
        fell on/came down on/collapsed on/landed on/crushed/dropped on/toppled on/fallen on/fell onto … {one}/car/worker*/people/us/workers/leg*/head
        buried/crushed/pinned … alive/under/workers/people/kids/rubble/wall/beam/concrete/houses/in/by/tree/house/man/debris
        tree … fell on/fallen on/crushed/trapped … {one}/car/house/someone/people/roof/leg*
        elevator/lift … stuck/trapped/dropped/fell/falling/plunged/stopped … people/inside/us/me/kids/hurt/in it/we/help/panic*/breath*/floor
    """,
    Danger.MONEY: """
        has my screen/controls my screen/controlling my screen/controlling my phone/control my phone/sharing my screen/remote control/on my screen/moving by itself/opening my alipay/opening my bank/opening my wechat/in my account/in my alipay
        scanned/clicked/scan … savings/money/account/balance/everything … gone/empty/zero/disappeared
        keeps/keep/still/wont stop/about to/going to/is/was … sending/wiring/transferring/sending money/send money/wire money/paying/handing … money/cash/savings/gold/everything/thousand*/pension
        move/moved/moving/transfer/send/hand over/withdraw/took/taking/lost/emptied/drained/gave/give … my savings/her savings/his savings/their savings/our savings/all my money/all her money/all his money/all our money/whole pension/my pension/her pension/his pension/life savings/retirement
        bought/buying/buys/buy/sent/sending/scratched/read … game card*/gift card*/prepaid card*/steam card*/itunes card*/google play card*/voucher*
        be arrested/arrest me/arrest her/arrest him/a warrant/under investigation/my case/go to jail/in jail/bail & money/savings/transfer*/pay/send/account/counter/bank/cash/wire
        soldier/doctor/engineer/boyfriend/girlfriend/fiance/man/woman/guy … met online/met on the/from the internet/on the internet/never met/from an app/on an app/abroad …… money/pay/send/sent/wire/ticket/fee
        money/pay/paying/send/sending/sent/wire/wiring/transfer* …… met online/met on the internet/met on/never met/never seen/from the internet/online boyfriend/online girlfriend/online friend
        sent/paid/transferred/wired/gave/deposited/lost/bought/invested …… scam*/fraud/fake/it was a lie/vanished/disappeared/blocked me/ghosted/number is dead/site is gone/wont let me withdraw/cant withdraw/want more/wants more/wants another/want another
        wont let me withdraw/cant withdraw/cannot withdraw/withdrawal is blocked …… more/pay/fee/tax/deposit/another/money/app/account
        steal*/taking/took/stole/drain*/empty*/emptied/spending/using/charging/charged/hacked/withdrawing/withdrew/transferring … my account/my savings/bank account/my card/my money/our savings/from my/my bank/her account/his account/her savings/his savings/everything
        account/card/savings/balance/money/wechat/alipay/bank … emptied/empty/drained/wiped/wiped out/cleaned out/hacked/gone/vanished/stolen/disappeared/not me/isnt me/wasnt me/not mine/going down/dropping/keeps going
        threat*/blackmail*/extort* …… nudes/pictures/photos/video* …… pay/money/send/transfer
        mom/mum/dad/mother/father/grandma/grandpa/grandmother/grandfather/aunt/uncle/wife/husband/neighbor/sister/brother/she/he & bank/atm/counter/gift card*/phone/video call/post office & scam*/fake/fraud*/stranger/caller/officer/judge/prosecutor/lawyer/someone/never met/online/withdraw*/wiring/sending cash
        otp/code/pin/password/card number & gave/told/read/typed/entered/shared/sent/texted & gone/missing/money/empty/charged/took/taken/withdrawn/scam*/fake/everything
        freeze/block/lock/stop/cancel/reverse & card/account/transfer/payment/transaction & scam*/fraud/fake/stolen/someone/hacked/right now/now/immediately/urgent*/not me
        fake/scam*/fraud*/pretending/pretends/claims/claiming/impersonat*/stranger/online/boyfriend/investment/crypto/fake police/police call*/police officer/says he is police/claims to be police/fake officer/customs/bank/boss/winnings/lottery/prize/loan/tax/customer service/support/romance/deposit/broker & wire/wiring/send/sending/sent/transfer*/pay/paid/paying/gift card*/withdraw*/deposit*/unlock/codes/gave/borrow*/buying & now/about to/just/already/twice/everything/again/on the phone/more/hang up/savings/right now/going to/wants/told/money/dollars/yuan/thousand/k/blocked/stop/cant
        phone/computer/laptop/screen & moving by itself/by itself/remote*/controlled/control/sharing/hacked/someone else & bank*/money/app/transfer*/pay/account/now
        account/card/balance/money & draining/being drained/emptied/withdrawn/vanish*/disappear*/going out/charges/charged/i didnt make/not me/without me/leaving/gone & now/just/keeps/every/bank/code/link/app/messages/alerts/someone/i/texts
        sent/sending/paid/transferred/transferring/wired/wiring/gave/giving/deposited/send/transfer/wire/withdraw*/withdrew/paying/buying gift/bought gift/lost/moved/borrowed … scam*/fraud*/fake/blocked me/safe account/stranger/gift card*/online/fake police/they want more/bank/someone she met/someone he met/crypto/investment/refund/customer service/stop the payment/get it back/get the money back/impost*/pretend*/hacked/boyfriend/verification/code/cancel it/cancel the/ghosted/disappear*/not my/wasnt/turns out
        scam*/fraud*/fake/con man/conned/tricked/swindl*/phish*/hacker/impersonat*/pretend*/caller/claims to be/says he is/says shes/saying he is/says hes … sent/paid/transferred/wired/account/money/now/bank/gave/card/password/code/just/right now/savings/on the phone/on the line/withdraw*/transfer/bail/pay/remote/screen/gift
        i was/i got/been/we were/just got/got/was/being/mom is/dad is/grandma is/grandpa is/getting … scammed/conned/defrauded/swindled/tricked into/hacked/phished
        money/account/savings/card/balance … leaving/disappear*/gone/draining/drained/emptied/being taken/being withdrawn/stolen/going out/empty/being used/hacked/being transferred/vanishing/charged/charges
        safe account/screen share/screen sharing/sharing my screen/share my screen/remote control/control of my phone/controlling my phone/controlling my/remote access/anydesk/teamviewer/access to my phone/took over my/wont let me hang/dont hang up/not to hang up/not to tell/dont tell anyone/keep it secret/arrest warrant/money laundering/he has access/they have access
        gave/told/entered/typed/shared/read … code/password/pin/card number/otp/bank details/account number/card details … money/account/charged/gone/now/scam*/him/them/drain*/empt*/bank/taking/and/withdraw*
        clicked/scanned/opened/downloaded/installed … link/qr/app/file/code … money/gone/account/drain*/charged/took/taken/withdrawn/password/screen/card
        stop/freeze/block/cancel/reverse/recall … payment/transfer/account/card/transaction/it
        threaten*/blackmail*/extort*/sextort*/leak/post … pictures/photos/video*/nudes/money/pay/paid
        at the bank/in the bank/at the atm/at the counter/going to the bank/way to the bank/to the bank … transfer*/send*/withdraw*/stranger/scam*/online/phone/savings/someone/wire/wont listen/stop/pay/caller/cash
        grandma/grandpa/mom/mum/dad/mother/father/aunt/uncle/grandmother/grandfather/neighbor/neighbour/wife/husband/she/he … about to send/about to transfer/about to pay/is sending/is transferring/is wiring/is buying gift/is paying/wants to send/is giving/keeps sending/is withdrawing/sending money
        they want/they say/he wants/wants me to/telling me to/tells me to/asking me to/told me to/making me/demanding/asks me to … transfer/send/pay/wire/gift card*/deposit/withdraw … now/scam*/police/account/or/more/bail/unlock/fee/arrest/money/immediately
    """,
}
LIKELY: dict[Danger | None, str] = {
    Danger.MEDICAL: """
        {one} … hurt/injured/bleeding/sick/unwell/dizzy/vomiting/fell/choking/burned/shaking/pain/bitten/stroke/seizure/heart attack/fainted/fever
        bleeding/injured/wounded/seizure/overdose/choking/heart attack
    """,
    Danger.VIOLENCE: """
        fight/fighting/threatened/threatening/weapon/attacked/abuse/drunk/scared/gun/knife … now/help/outside/please/him/he/she/with/me/my
    """,
    Danger.FIRE: """
        fire/smoke/flames/explosion
    """,
    Danger.TRAFFIC: """
        crash/accident/collided/hit a/hit by
    """,
}
